import * as assert from "node:assert/strict";

import { Refusal } from "../../../sandbox/clouds/cloudflare/api";
import { usesOfCondition, usesOfText } from "../../../sandbox/clouds/cloudflare/rulesets-expression";

const uses = (source: string) => {
  const { fields, functions, isRegex } = usesOfCondition(source);
  return { fields: [...fields], functions: [...functions], isRegex };
};

describe("expressions of emulated rules", () => {
  const right: readonly (readonly [source: string, ...fields: readonly string[]])[] = [
    ["true"],
    ["not false"],
    ["ssl", "ssl"],
    ["!cf.client.bot", "cf.client.bot"],
    ['http.host eq "example.com"', "http.host"],
    ['(http.host == "a") or (http.host == "b")', "http.host"],
    ['not (http.request.method in {"GET" "HEAD"})', "http.request.method"],
    ["ip.src in {192.0.2.0/24 2001:db8::/32 198.51.100.1..198.51.100.9}", "ip.src"],
    ["not ip.src in $staff", "ip.src"],
    ["ip.src.asnum in {64496 64500..64511} and ssl", "ip.src.asnum", "ssl"],
    ['ip.src.country eq "DE" xor ip.geoip.country == "FR"', "ip.src.country", "ip.geoip.country"],
    [
      'http.request.uri.path wildcard r"/a/*" && http.host strict wildcard "*.a"',
      "http.request.uri.path",
      "http.host",
    ],
    ['starts_with(http.request.uri.path, "/api/")', "http.request.uri.path"],
    ['lower(http.user_agent) contains "bot"', "http.user_agent"],
    ["len(http.request.uri.query) gt 100", "http.request.uri.query"],
    ['any(http.request.headers["x-a"][*] == "b")', "http.request.headers"],
    ['http.request.headers["x-a"][0] eq "b"', "http.request.headers"],
    ['http.request.uri.args["q"][0] contains "\\"ssl\\""', "http.request.uri.args"],
    ['http.cookie contains r#"a"b"#', "http.cookie"],
    ['http.cookie contains r##"a"#b"##', "http.cookie"],
    ["http.response.code ge 500", "http.response.code"],
    [`http.host eq "${"a".repeat(4096 - 15)}"`, "http.host"],
  ];
  for (const [source, ...fields] of right)
    it(`are read: ${source.slice(0, 100)}`, () => {
      assert.deepEqual(uses(source).fields, fields);
      assert.equal(uses(source).isRegex, false);
    });

  it("tell regular expressions and functions, but not inside a text", () => {
    assert.equal(uses('http.host matches "^a"').isRegex, true);
    assert.equal(uses('ssl and http.host ~ r"^a"').isRegex, true);
    assert.equal(uses('http.host eq "matches ~ lower(ssl)"').isRegex, false);
    assert.deepEqual(uses('lower(upper(http.host)) eq "a"').functions, ["lower", "upper"]);
  });

  const wrong: readonly string[] = [
    "",
    "  ",
    "http.host",
    'http.host = "a"',
    'http.host eq "a',
    'http.host eq r#"a"',
    "http.host eq a",
    "http.host eq",
    'eq "a"',
    '"a" eq http.host',
    '(http.host eq "a"',
    'http.host eq "a")',
    'http.host eq "a" and',
    'http.host eq "a" http.host eq "b"',
    "http.host in {}",
    'http.host in ("a")',
    'http.host in {"a"',
    'http.host not in {"a"}',
    "http.host matches 5",
    'http.hosts eq "a"',
    "hostname(http.host)",
    "starts_with(http.request.uri.path",
    "len(http.host)",
    'http.request.headers["a" eq "b"',
    'http.request.headers[] eq "b"',
    'http.host eq "a"; ssl',
    "not http.host",
    "any(not http.host)",
    'http.host strict eq "a"',
    `http.host eq "${"a".repeat(4096 - 14)}"`,
  ];
  for (const source of wrong)
    it(`are refused with 20127: ${source.slice(0, 100)}`, () => {
      assert.throws(
        () => usesOfCondition(source),
        (error) => error instanceof Refusal && error.status === 400 && error.faults[0]?.code === 20127,
      );
    });

  it("say where they go wrong", () => {
    assert.throws(
      () => usesOfCondition("ssl and http.hosts"),
      /at character 9: there is no field http\.hosts$/,
    );
    assert.throws(() => usesOfCondition("ssl ssl"), /at character 5: found ssl, want the end$/);
  });

  it("that give a text need no comparison", () => {
    const { fields } = usesOfText('concat("https://a.test", http.request.uri.path)');
    assert.deepEqual([...fields], ["http.request.uri.path"]);
    for (const source of ['"https://a.test"', "http.host", 'wildcard_replace(http.host, "*", "a")'])
      usesOfText(source);
    for (const source of ["", "https://a.test", 'concat("a"', '"a" "b"'])
      assert.throws(() => usesOfText(source), Refusal, source);
  });
});
