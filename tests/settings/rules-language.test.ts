import * as assert from "node:assert/strict";

import fc from "fast-check";

import { parseExpression } from "../../settings/waf/rules-language";

const path = "http.request.uri.path";

describe("parseExpression", () => {
  const table: [text: string, fields: readonly string[], regex: boolean][] = [
    ["true", [], false],
    [`${path} eq "/a"`, [path], false],
    [`(${path} == "/a" and not cf.client.bot)`, [path, "cf.client.bot"], false],
    [`${path} eq "/a" or ${path} eq "/b"`, [path], false],
    [`starts_with(${path}, "/.")`, [path], false],
    [`lower (http.host) contains "x"`, ["http.host"], false],
    [`not(ssl)`, ["ssl"], false],
    [`any(http.request.headers["accept"][*] eq "a b")`, ["http.request.headers"], false],
    ["ip.src in {192.0.2.0/24 2001:db8::/32 fe80::1 ::1}", ["ip.src"], false],
    ["ip.src in $cf.open_proxies", ["ip.src"], false],
    ["cf.edge.server_port in {80..90 443}", ["cf.edge.server_port"], false],
    ["http.host == 61:62:63", ["http.host"], false],
    [`${path} matches "^/a"`, [path], true],
    [`${path} ~ "^/a"`, [path], true],
    [`${path}~"^/a"`, [path], true],
    [`${path} eq "a matches b ~ c"`, [path], false],
    [`${path} eq "\\" matches \\""`, [path], false],
    [`${path} wildcard r"/\\" and ssl`, [path, "ssl"], false],
    [`${path} wildcard r#"a" matches "b"#`, [path], false],
    [`${path} strict wildcard r##"a"# ~ (["##`, [path], false],
    [`http.user_agent eq "matches" xor matches_nothing`, ["http.user_agent", "matches_nothing"], false],
  ];
  for (const [text, fields, regex] of table)
    it(`reads ${text}`, () => assert.deepEqual(parseExpression(text), { fields, regex }));

  const faulty: [text: string, want: string][] = [
    ["", "an expression, such as true"],
    [" \n", "an expression, such as true"],
    ["(true", "the ( at character 1 to be closed"],
    ["(a or (b)", "the ( at character 1 to be closed"],
    ["((true", "the ( at character 1 to be closed"],
    ["ip.src in {192.0.2.1", "the { at character 11 to be closed"],
    ["a[0", "the [ at character 2 to be closed"],
    ["true)", "no ) at character 5, which closes nothing"],
    ["(a]", "no ] at character 3, which closes nothing"],
    ['a eq "b', "the string that begins at character 6 to be closed"],
    ['a eq "b\\"', "the string that begins at character 6 to be closed"],
    ['a eq r"b', "the string that begins at character 6 to be closed"],
    ['a eq r#"b"', "the string that begins at character 6 to be closed"],
    ['(a eq "b)', "the string that begins at character 7 to be closed"],
  ];
  for (const [text, want] of faulty)
    it(`rejects ${JSON.stringify(text)}`, () => assert.equal(parseExpression(text).want, want));

  /** A text as the language writes it, in one of its three ways. */
  const quoted = fc.oneof(
    fc.string().map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`),
    fc.string().map((text) => `r"${text.replaceAll('"', "'")}"`),
    fc.string().map((text) => `r##"${text.replaceAll('"##', "'##")}"##`),
  );
  const tempting = fc.constantFrom(
    '"matches"',
    '"~ ("',
    'r"http.host ~ )"',
    'r#"" matches "#',
    '"\\\\"',
    '"\\""',
  );

  it("ignores the contents of strings", () => {
    fc.assert(
      fc.property(fc.oneof(quoted, tempting), fc.oneof(quoted, tempting), (one, other) => {
        const text = `(${path} eq ${one} or http.host in {${one} ${other}})`;
        assert.deepEqual(parseExpression(text), { fields: [path, "http.host"], regex: false });
        assert.equal(parseExpression(`${text} and a matches ${other}`).regex, true);
      }),
    );
  });

  it("parses any string", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { fields, want } = parseExpression(text);
        for (const field of fields) assert.ok(text.includes(field));
        assert.notEqual(want, "");
      }),
    );
  });
});
