import { Refusal } from "./api";
import { functions, isField, isTruth } from "./rulesets-fields";
import { tokensOf, type Token } from "./rulesets-lexer";

/** What an expression makes use of, as far as plans differ in it. */
export interface Uses {
  readonly fields: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
  /** `matches` or `~`. */
  readonly isRegex: boolean;
}

/**
 * What the condition of a rule uses.
 *
 * @throws {Refusal} 400 with 20127: it is no condition of the rules language, or has more than 4,096 characters.
 * @see https://developers.cloudflare.com/ruleset-engine/rules-language/
 */
export function usesOfCondition(source: string): Uses {
  const parser = new Parser(source);
  parser.logical(true);
  return parser.finish();
}

/**
 * What an expression uses that gives a text, such as the target of a redirect.
 *
 * @throws {Refusal} as for a condition.
 */
export function usesOfText(source: string): Uses {
  const parser = new Parser(source);
  parser.argument();
  return parser.finish();
}

const longest = 4096;
const joints = ["and", "&&", "or", "||", "xor", "^^"];
const orders = ["eq", "ne", "lt", "le", "gt", "ge", "==", "!=", "<", "<=", ">", ">=", "bitwise_and", "&"];
const regexes = ["matches", "~"];

/**
 * A parser by recursive descent. It checks the form, the names of fields and functions, and that a condition compares
 * something; not the types that are compared. Which joint binds closer does not matter to that.
 */
class Parser {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #index = 0;
  readonly #fields = new Set<string>();
  readonly #functions = new Set<string>();
  #isRegex = false;

  constructor(source: string) {
    this.#source = source;
    if (source.length > longest)
      throw this.#invalid(`it has ${source.length} characters, the most is ${longest}`, 0);
    const tokens = tokensOf(source);
    if (typeof tokens === "number") throw this.#invalid("cannot read what begins here", tokens);
    this.#tokens = tokens;
  }

  /** @param isWhole whether it has to be true or false: an argument of a function may be a mere value. */
  logical(isWhole: boolean): void {
    do {
      const isNegated = this.#take("not", "!");
      while (this.#take("not", "!"));
      this.#operand(isWhole || isNegated);
    } while (this.#take(...joints));
  }

  argument(): void {
    if (!this.#literal()) this.logical(false);
  }

  /** To be called at the end, where nothing may follow. */
  finish(): Uses {
    if (this.#token.kind !== "end") throw this.#unexpected("the end");
    return { fields: this.#fields, functions: this.#functions, isRegex: this.#isRegex };
  }

  get #token(): Token {
    return this.#tokens[this.#index] as Token;
  }

  #take(...texts: readonly string[]): boolean {
    const { kind, text } = this.#token;
    const isOne = (kind === "word" || kind === "sign") && texts.includes(text);
    if (isOne) this.#index += 1;
    return isOne;
  }

  #takeKind(...kinds: readonly Token["kind"][]): boolean {
    const isOne = kinds.includes(this.#token.kind);
    if (isOne) this.#index += 1;
    return isOne;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw this.#unexpected(sign);
  }

  #operand(isWhole: boolean): void {
    if (this.#take("(")) {
      this.logical(true);
      this.#expect(")");
      return;
    }
    const isTrueAlone = this.#value();
    if (!this.#comparison() && isWhole && !isTrueAlone) throw this.#unexpected("a comparison");
  }

  /** A field or a call. Returns whether it is true or false on its own. */
  #value(): boolean {
    const { kind, text, at } = this.#token;
    if (kind !== "word") throw this.#unexpected("a field or a function");
    this.#index += 1;
    if (text === "true" || text === "false") return true;
    const isCall = this.#take("(");
    if (isCall) {
      if (!functions.has(text)) throw this.#invalid(`there is no function ${text}`, at);
      this.#functions.add(text);
      if (!this.#take(")")) this.#arguments();
    } else {
      if (!isField(text)) throw this.#invalid(`there is no field ${text}`, at);
      this.#fields.add(text);
    }
    while (this.#take("[")) {
      if (!this.#takeKind("text", "number") && !this.#take("*")) throw this.#unexpected("an index");
      this.#expect("]");
    }
    return isCall ? functions.get(text) === true : isTruth(text);
  }

  #arguments(): void {
    do this.argument();
    while (this.#take(","));
    this.#expect(")");
  }

  #literal(): boolean {
    return this.#takeKind("text", "number", "address");
  }

  #comparison(): boolean {
    if (this.#take("in")) {
      if (!this.#takeKind("list")) this.#set();
      return true;
    }
    const isStrict = this.#take("strict");
    if (isStrict && this.#token.text !== "wildcard") throw this.#unexpected("wildcard");
    const isRegex = this.#take(...regexes);
    this.#isRegex ||= isRegex;
    if (isRegex || this.#take("contains", "wildcard")) {
      if (!this.#takeKind("text")) throw this.#unexpected("a quoted text");
      return true;
    }
    if (!this.#take(...orders)) return false;
    if (!this.#literal() && !this.#take("true", "false")) throw this.#unexpected("a value");
    return true;
  }

  #set(): void {
    this.#expect("{");
    do {
      if (!this.#literal()) throw this.#unexpected("a value");
      if (this.#take("..") && !this.#literal()) throw this.#unexpected("a value");
    } while (!this.#take("}"));
  }

  #unexpected(wanted: string): Refusal {
    const { kind, text, at } = this.#token;
    return this.#invalid(`found ${kind === "end" ? "the end" : text}, want ${wanted}`, at);
  }

  #invalid(why: string, at: number): Refusal {
    const shown = this.#source.length > 200 ? `${this.#source.slice(0, 200)}...` : this.#source;
    const message = `'${shown}' is not a valid value for expression because the expression is invalid`;
    return new Refusal(400, [{ code: 20127, message: `${message}: at character ${at + 1}: ${why}` }]);
  }
}
