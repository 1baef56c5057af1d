import { rejects, rejectsUnder, accepts } from "./configurations";

describe("invalid redirects at Cloudflare", () => {
  const to = (...pairs: (readonly [from: string, to: string])[]) => ({
    "waf.redirects": pairs.map(([from, to]) => ({ from, to })),
  });
  const hidden =
    "which is not proxied, so its requests do not pass through Cloudflare; want a name with a proxied record";
  rejectsUnder("waf.redirects.0", {
    'to: got "example", want a host name in lower case, such as api.example.com': {
      "waf.redirects": [{ from: "www.example.com", to: "example" }],
    },
    "from: got www.example.org, want a name in example.com": to(["www.example.org", "example.com"]),
    [`from: got old.example.com, ${hidden}`]: to(["old.example.com", "example.com"]),
    [`from: got www.example.com, ${hidden}`]: {
      ...to(["www.example.com", "example.com"]),
      "dns.records.0.proxied": false,
    },
    "to: got www.example.com, want a name other than from": to(["www.example.com", "www.example.com"]),
    "to: got api.example.com, which is redirected to example.com; want the final name": to(
      ["www.example.com", "api.example.com"],
      ["api.example.com", "example.com"],
    ),
  });
  rejects({
    "waf.redirects.1.from: got www.example.com a second time, want it once": to(
      ["www.example.com", "example.com"],
      ["www.example.com", "example.org"],
    ),
  });
  accepts([
    to(["www.example.com", "example.com"], ["api.example.com", "example.org"]),
    { "dns.records.3": { type: "A", name: "*" }, ...to(["old.example.com", "example.com"]) },
    { "dns.records.3": { type: "A", name: "müller" }, ...to(["müller.example.com", "example.com"]) },
    { "waf.redirects": [{ from: "www.example.com", to: "example.com", status: 308 }] },
  ]);
});
