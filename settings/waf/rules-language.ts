/** The parts of an expression of Cloudflare's Rules language that are found without its full grammar. */
export interface Expression {
  /** The fields that it reads, each once: `http.request.uri.path`. */
  readonly fields: readonly string[];
  /** Whether it compares with a regular expression: `matches` or `~`. */
  readonly regex: boolean;
  /** The end of "want ..." in the error message. Absent if the expression is valid. */
  readonly want?: string;
}

const operators: ReadonlySet<string> = new Set(
  "eq ne lt le gt ge contains matches in not and or xor strict wildcard true false".split(" "),
);

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

const pieces = [
  // A string, raw or with escapes; then the quotes of one that is not closed.
  /r(?<hashes>#*)"[^]*?"\k<hashes>/,
  /"(?:\\[^]|[^"\\])*"/,
  /r#*"/,
  // A word: an operator, a field, a function, a list, a number or an address with its range.
  /[\w$](?:[\w.:/]*\w)?/,
  /\s+/,
  /[^]/,
];
const piece = new RegExp(pieces.map(({ source }) => source).join("|"), "g");

/**
 * Parses an expression. The contents of strings are neither fields nor operators.
 *
 * @see https://developers.cloudflare.com/ruleset-engine/rules-language/
 */
export function parseExpression(text: string): Expression {
  const fields = new Set<string>();
  const open: { readonly sign: string; readonly at: number }[] = [];
  let regex = false;
  let want = text.trim() === "" ? "an expression, such as true" : undefined;

  for (const { 0: found, index } of text.matchAll(piece)) {
    const at = index + 1;
    const opened = open.at(-1);
    if (/^(r#*)?"$/.test(found)) {
      want ??= `the string that begins at character ${at} to be closed`;
      break;
    }
    if (/^[()[\]{}]$/.test(found)) {
      if (found in closing) open.push({ sign: found, at });
      else if (opened !== undefined && closing[opened.sign] === found) open.pop();
      else want ??= `no ${found} at character ${at}, which closes nothing`;
    }
    if (found === "matches" || found === "~") regex = true;
    if (isField(found, text.slice(index + found.length))) fields.add(found);
  }
  for (const { sign, at } of open) want ??= `the ${sign} at character ${at} to be closed`;
  return { fields: [...fields], regex, ...(want !== undefined && { want }) };
}

/** Whether a word is a field: letters, not an operator, and without a bracket after it, which functions have. */
const isField = (word: string, rest: string): boolean =>
  /^[a-z_]\w*(\.[a-z_]\w*)*$/i.test(word) && !operators.has(word) && !/^\s*\(/.test(rest);
