// Runs a package from npm; started by peers.py: PACKAGE.
// Checks each address at once that it reads, and writes it with "yes", "no" or "unknown" behind a tab.
import { createInterface } from "node:readline";

const name = process.argv[2];
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

async function answer(address) {
  process.stdout.write(`${address}\t${await check(address)}\n`);
}

for await (const address of createInterface({ input: process.stdin })) answer(address);
process.exit(0);
