// Runs a package from npm for a minute; started by peers.py: PACKAGE CALLS SECONDS.
// Reads addresses, and writes each finished one with "yes", "no" or "unknown" behind a tab.
import { readFileSync } from "node:fs";

const [name, calls, seconds] = process.argv.slice(2);
const module = await import(name);

async function deepEmailValidator(email) {
  const { valid, reason, validators } = await module.validate({
    email,
    sender: "probe@verifier.example.com",
    validateTypo: false,
    validateDisposable: false,
  });
  if (valid) return "yes";
  return reason === "smtp" && validators.smtp.reason === "Timeout" ? "unknown" : "no";
}

async function emailValidatorJs(emailAddress) {
  const { validSmtp } = await module.verifyEmail({
    emailAddress,
    verifyMx: true,
    verifySmtp: true,
    smtpPort: 25,
    checkDisposable: false,
    checkFree: false,
  });
  return validSmtp === null || validSmtp === undefined ? "unknown" : validSmtp ? "yes" : "no";
}

const check = name === "deep-email-validator" ? deepEmailValidator : emailValidatorJs;
const addresses = readFileSync(0, "utf8").split("\n").values();
const deadline = Date.now() + 1000 * Number(seconds);

async function work() {
  for (const address of addresses) {
    if (Date.now() >= deadline) return;
    process.stdout.write(`${address}\t${await check(address)}\n`);
  }
}

await Promise.all(Array.from({ length: Number(calls) }, work));
process.exit(0);
