import { ErrorResponse } from "./api";

/** The parts of an expression that depend on the zone's plan. */
export interface ExpressionParts {
  /** Names with a dot, and `ssl`: the fields. */
  readonly fields: ReadonlySet<string>;
  /** Names before a parenthesis, operators among them. */
  readonly functions: ReadonlySet<string>;
  /** Whether it has the operator `matches` or `~`. */
  readonly isRegex: boolean;
}

const maxLength = 4096;
const quoted = /"(?:[^"\\]|\\.)*"|\br(#*)".*?"\1/gs;
const pairs: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/**
 * Checks that quotes and parentheses balance: the rules language itself is left to Cloudflare.
 *
 * @throws {ErrorResponse} 400 with 20127.
 */
export function readExpression(source: string): ExpressionParts {
  const text = source.replaceAll(quoted, '""');
  const open: string[] = [];
  for (const character of text.replaceAll('""', "")) {
    if (Object.values(pairs).includes(character)) open.push(character);
    else if (character === '"') throw invalid(source, "a quoted text does not end");
    else if (character in pairs && open.pop() !== pairs[character])
      throw invalid(source, `${character} closes nothing`);
  }
  if (/\br#/.test(text)) throw invalid(source, "a quoted text does not end");
  if (open.length > 0) throw invalid(source, `${open.join("")} is not closed`);
  if (source.trim() === "") throw invalid(source, "it is empty");
  if (source.length > maxLength)
    throw invalid(source, `it has ${source.length} characters, the most is ${maxLength}`);
  return {
    fields: new Set(text.match(/\b[a-z]\w*(\.[a-z]\w*)+|\bssl\b/g)),
    functions: new Set(text.match(/\b[a-z]\w*(?=\()/g)),
    isRegex: /\bmatches\b|~/.test(text),
  };
}

function invalid(source: string, reason: string): ErrorResponse {
  const start = source.length > 200 ? `${source.slice(0, 200)}...` : source;
  const message = `'${start}' is not a valid value for expression because the expression is invalid: ${reason}`;
  return new ErrorResponse(400, [{ code: 20127, message }]);
}
