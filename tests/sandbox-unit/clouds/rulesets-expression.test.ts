import * as assert from "node:assert/strict";

import { ErrorResponse } from "../../../sandbox/clouds/cloudflare/api";
import { readExpression } from "../../../sandbox/clouds/cloudflare/rulesets-expression";

describe("expressions of emulated rules", () => {
  const valid: readonly (readonly [source: string, ...fields: readonly string[]])[] = [
    ["true"],
    ["ssl and not cf.client.bot", "ssl", "cf.client.bot"],
    ['(http.host == "a)") or (http.host == "b")', "http.host"],
    ["ip.src in {192.0.2.0/24 2001:db8::/32}", "ip.src"],
    ['any(http.request.headers["x-a"][*] == "b")', "http.request.headers"],
    ['http.request.uri.args["q"][0] contains "\\"ssl\\""', "http.request.uri.args"],
    ['http.cookie contains r##"a"#b("##', "http.cookie"],
    [`http.host eq "${"a".repeat(4096 - 15)}"`, "http.host"],
  ];
  for (const [source, ...fields] of valid)
    it(`have their fields read: ${source.slice(0, 100)}`, () => {
      assert.deepEqual([...readExpression(source).fields], fields);
      assert.equal(readExpression(source).isRegex, false);
    });

  it("have regular expressions and functions read, but not inside a text", () => {
    assert.equal(readExpression('http.host matches "^a"').isRegex, true);
    assert.equal(readExpression('ssl and http.host ~ r"^a"').isRegex, true);
    assert.equal(readExpression('http.host eq "matches ~ lower(ssl)"').isRegex, false);
    assert.deepEqual([...readExpression('lower(upper(http.host)) eq "a(b)"').functions], ["lower", "upper"]);
  });

  for (const source of [
    "",
    "  ",
    'http.host eq "a',
    'http.host eq r#"a"',
    "(ssl",
    "ssl)",
    'lower(http.host] eq "a"',
    `http.host eq "${"a".repeat(4096)}"`,
  ])
    it(`are refused with 20127: ${source.slice(0, 100)}`, () =>
      assert.throws(
        () => readExpression(source),
        (error) => error instanceof ErrorResponse && error.status === 400 && error.faults[0]?.code === 20127,
      ));
});
