/** A piece of an expression. */
export interface Token {
  readonly kind: "text" | "address" | "number" | "list" | "word" | "sign" | "end";
  readonly text: string;
  /** Characters before it. */
  readonly at: number;
}

const kinds = ["text", "address", "number", "list", "word", "sign", "end"] as const;

/** Quoted text comes first: what stands inside it is no operator and no field. */
const patterns: readonly string[] = [
  String.raw`(?<text>"(?:[^"\\]|\\.)*"|r(?<hashes>#*)".*?"\k<hashes>)`,
  String.raw`(?<address>[0-9a-f]*:[0-9a-f:.]*(?:\/\d{1,3})?|\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?)`,
  String.raw`(?<number>-?\d+)`,
  String.raw`(?<list>\$[a-z0-9_.]+)`,
  String.raw`(?<word>[a-z_]\w*(?:\.\w+)*)`,
  String.raw`(?<sign>==|!=|<=|>=|&&|\|\||\^\^|\.\.|[<>~!&(){}\[\],*])`,
  String.raw`(?<end>$)`,
];

/** The tokens of an expression, the last of which is its end; or how many characters in there is none. */
export function tokensOf(source: string): readonly Token[] | number {
  const pattern = new RegExp(String.raw`\s*(?:${patterns.join("|")})`, "isy");
  const tokens: Token[] = [];
  for (;;) {
    const start = pattern.lastIndex;
    const groups = pattern.exec(source)?.groups;
    const kind = kinds.find((name) => groups?.[name] !== undefined);
    if (groups === undefined || kind === undefined) return start;
    const text = groups[kind] ?? "";
    tokens.push({ kind, text, at: pattern.lastIndex - text.length });
    if (kind === "end") return tokens;
  }
}
