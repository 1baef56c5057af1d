import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { parseArgs } from "node:util";

import ts from "typescript";

const root = path.resolve(__dirname, "..");
const usage = "npm run sample -- --seed SEED";

/** The words of the product's code that a reader meets, each with its place: `components/charts.ts:12`. */
export interface Words {
  /** Exported identifiers. */
  readonly names: readonly string[];
  readonly docstrings: readonly string[];
  /** Texts of at least four words: errors, warnings, and what is wanted of a setting. */
  readonly messages: readonly string[];
}

/** Collects the words of TypeScript files. */
export function collectWords(files: readonly string[]): Words {
  const words = { names: [] as string[], docstrings: [] as string[], messages: [] as string[] };
  for (const file of files) {
    const source = ts.createSourceFile(file, fs.readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
    const place = (node: ts.Node) => {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      return `${path.relative(root, file)}:${line + 1}`;
    };
    for (const statement of source.statements)
      for (const name of exportedNames(statement)) words.names.push(`${place(statement)}  ${name}`);
    const visit = (node: ts.Node): void => {
      for (const each of ts.getJSDocCommentsAndTags(node))
        if (ts.isJSDoc(each) && each.parent === node)
          words.docstrings.push(`${place(each)}  ${plain(each.getText())}`);
      const text = textOf(node);
      if (text !== undefined) {
        if (text.split(" ").filter((word) => /[a-z]{2}/i.test(word)).length >= 4)
          words.messages.push(`${place(node)}  ${text}`);
        return;
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return words;
}

/** The text of a literal, a template or a sum of them; `${...}` in place of an expression. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `\${...}${literal.text}`).join("");
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined && right === undefined ? undefined : `${left ?? "${...}"}${right ?? "${...}"}`;
}

function exportedNames(statement: ts.Statement): string[] {
  const isExported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  if (!isExported) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name ? [statement.name.text] : [];
}

/** The text of a comment on one line, without its stars. */
const plain = (comment: string): string =>
  comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .replace(/\s*\n\s*\*\s*/g, " ")
    .trim();

/** Draws some items by the seed: the same seed and items give the same draw. */
export function draw(items: readonly string[], count: number, seed: string): string[] {
  const rank = (item: string) => createHash("sha256").update(`${seed}\n${item}`).digest("hex");
  return [...items]
    .map((item) => ({ item, rank: rank(item) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))
    .slice(0, count)
    .map(({ item }) => item);
}

/** The product's files. */
export const productFiles = (): string[] => {
  const inside = (folder: string) =>
    fs
      .readdirSync(path.join(root, folder), { recursive: true })
      .map((file) => path.join(folder, String(file)));
  return [...fs.readdirSync(root), ...inside("settings"), ...inside("components")]
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.join(root, file))
    .sort();
};

if (require.main === module) {
  const { seed } = parseArgs({ options: { seed: { type: "string" } } }).values;
  if (seed === undefined) throw new Error(`--seed is missing: ${usage}`);
  for (const [kind, items] of Object.entries(collectWords(productFiles())) as [string, readonly string[]][])
    console.log(
      `${kind}\n${draw(items, 10, seed)
        .map((item) => `  ${item}`)
        .join("\n")}\n`,
    );
}
