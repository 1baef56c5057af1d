/** What an expression of Cloudflare's Rules language is made of, as far as it can be told without its grammar. */
export interface Expression {
  /** The fields it reads, each once: `http.request.uri.path`. */
  readonly fields: readonly string[];
  /** Whether it compares with a regular expression: `matches` or `~`. */
  readonly regex: boolean;
  /** What is wrong with it, as the end of "want ..."; undefined if nothing is. */
  readonly want?: string;
}

const operators: ReadonlySet<string> = new Set(
  "eq ne lt le gt ge contains matches in not and or xor strict wildcard true false".split(" "),
);

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

const pieces = [
  // A text, raw or with escapes; then what opens one that is not closed.
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
 * Reads an expression. What stands inside a text is no field and no operator, whatever it looks like.
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
      else want ??= `nothing closed by the ${found} at character ${at} that was not opened`;
    }
    if (found === "matches" || found === "~") regex = true;
    if (isField(found, text.slice(index + found.length))) fields.add(found);
  }
  for (const { sign, at } of open) want ??= `the ${sign} at character ${at} to be closed`;
  return { fields: [...fields], regex, ...(want !== undefined && { want }) };
}

/** A field is a word of letters that is no operator and, since that is a function, has no bracket behind it. */
const isField = (word: string, rest: string): boolean =>
  /^[a-z_]\w*(\.[a-z_]\w*)*$/i.test(word) && !operators.has(word) && !/^\s*\(/.test(rest);
