import { CliError } from "../command-line/cli-error.ts";
import { findSecret, SECRET_VARIABLE, type SecretOptions } from "../command-line/read-secret.ts";
import { type Finding, findingsOf } from "./finding.ts";

const finding = findingsOf("secret");

/** What a secret looks like that was spoilt on its way, or never set. */
const SPOILT: readonly (readonly [RegExp, problem: string, fix: string])[] = [
  [
    /^(?:change[-_ ]?me|your[-_ ].*|.*[-_ ]here|secret|test|x{3,}|\*+|todo|placeholder|example|undefined|null|replace.*|popp_webhook_secret)$/i,
    "is a placeholder",
    "Copy the signing secret from Popp's Developer Portal.",
  ],
  [
    /^(?:<.*>|\$\{?[\w.]+\}?|\{\{.*\}\})$/,
    "is a variable that nobody has replaced",
    "Set the value itself, or the variable that it names.",
  ],
  [/%[0-9a-f]{2}/i, "is still URL-encoded", "Decode it: it must be as Popp's Developer Portal shows it."],
  [
    /\\[nrt]/,
    "holds an escaped line end, such as a backslash and an n",
    "Remove it, or check how the file is read: it must be as Popp's Developer Portal shows it.",
  ],
  [
    /[\p{Cc}\p{Cf}\u00a0\u2000-\u200a\u202f\u205f\u3000]/u,
    "holds characters that nobody sees",
    "Copy it again as plain text from Popp's Developer Portal.",
  ],
];

/** Looks at the signing secret, and never prints it. */
export function checkSecret(options: SecretOptions, say: (text: string) => void): Finding {
  try {
    const found = findSecret(options, say);
    if (found === undefined)
      return finding(
        "problem",
        "No signing secret was found in the environment, .env.local, .env or .dev.vars.",
        `Set ${SECRET_VARIABLE} to the signing secret of Popp's Developer Portal. If your app has another variable, pass --secret-file.`,
      );
    const { secret, from } = found;
    const spoilt = SPOILT.find(([pattern]) => pattern.test(secret));
    if (spoilt) return finding("problem", `The secret of ${from} ${spoilt[1]}.`, spoilt[2]);
    if (from === ".popp/secret")
      return finding(
        "warning",
        "The only secret is the one that `dev` made.",
        `Set ${SECRET_VARIABLE} where your app receives from Popp.`,
      );
    return finding("ok", `Found in ${from}.`);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const [problem = "", ...fix] = error.message.split(/(?<=\.) /);
    return finding("problem", problem, fix.join(" "));
  }
}
