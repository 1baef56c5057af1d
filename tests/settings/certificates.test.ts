import { authority, leaf } from "./ca-certificate";
import { rejects, rejectsUnder, accepts, guest } from "./configurations";

/** Apps that live below the zone, whose names need no edge. */
const below = {
  "dns.domain": "dev.example.com",
  "dns.proxied": false,
  apps: { web: { image: "x:1", port: 80, routes: [{ host: "dev.example.com" }] } },
};

const server = "https://ca.example.net/acme/directory";
/** Another CA that the public trusts, or one that none but the company does. */
const publicCa = { certificates: { email: "admin@example.com", issuer: "acme", acme: { server } } };
const privateCa = { ...publicCa, "certificates.acme.ca": authority, "edge.ssl": "full" };

const caa = (tag: string, value: string, name = "@") => ({ type: "CAA", name, tag, value });

describe("invalid ACME directories", () => {
  const wantUrl = "want the https URL of an ACME directory, such as https://ca.example.com/acme/directory";
  const at = (url: string) => ({ ...privateCa, "certificates.acme.server": url });
  const got = (url: string) => `certificates.acme.server: got ${JSON.stringify(url)}, ${wantUrl}`;
  rejectsUnder("certificates.acme", [
    ...(
      [
        ["https://acme-v02.api.letsencrypt.org/directory", "letsencrypt-prod"],
        ["https://ACME-v02.api.letsencrypt.org/directory", "letsencrypt-prod"],
        ["https://acme-staging-v02.api.letsencrypt.org/directory", "letsencrypt-staging"],
      ] as const
    ).map(
      ([url, issuer]) =>
        [
          at(url),
          `server: got ${url}, which is Let's Encrypt; want no acme, but certificates.issuer: ${issuer}`,
        ] as const,
    ),
  ]);
  rejectsUnder("certificates.acme", {
    ": is missing with issuer: acme, want the server of the CA": { "certificates.issuer": "acme" },
    ": cannot be combined with issuer: letsencrypt-prod, want issuer: acme": {
      "certificates.acme.server": server,
    },
    ": cannot be combined with issuer: letsencrypt-staging, want issuer: acme": {
      ...privateCa,
      "certificates.issuer": "letsencrypt-staging",
    },
    "ca: is not one or more CA certificates in PEM format and nothing else (its value is not shown here)": {
      ...privateCa,
      "certificates.acme.ca": leaf,
    },
  });
  rejects([
    ...[
      "http://ca.example.net/directory",
      "ca.example.net",
      "https://",
      "https:// ca.example.net/",
      "https://ca.example.net/a b",
      "https://user@ca.example.net/",
      "https://ca.example.net/directory?key=x",
      "https://ca.example.net/#directory",
      "https://ca.example.net:70000/",
    ].map((url) => [at(url), got(url)] as const),
  ]);
  accepts([
    privateCa,
    { ...privateCa, "certificates.acme.ca": authority + authority },
    at("https://ca.example.net"),
    at("https://10.0.0.5:14000/dir"),
    at("https://ca.default.svc:14000/dir"),
    at("https://notletsencrypt.org/directory"),
    { "certificates.alerts": true },
  ]);
});

describe("an issuer that the zone's CAA records forbid", () => {
  const refused = (
    who: string,
    name = "example.com",
    want = "letsencrypt.org in dns.caa",
    at = "example.com",
  ) =>
    `certificates.issuer: got letsencrypt-prod, but by the CAA records of ${at} ${who} may issue for ${name}; want ${want}`;
  const unlisted = (who: string) =>
    `certificates.issuer: got acme, but by the CAA records of example.com ${who} may issue for example.com; ` +
    "want the domain of its CA in dns.caa";
  const records = (...all: object[]) => ({ "dns.caa": [], "dns.records": all });
  rejects({
    [refused("only pki.goog, digicert.com")]: { "dns.caa": ["pki.goog", "digicert.com"] },
    [refused("no CA")]: records(caa("issue", ";")),
    [refused("no CA", "*.example.com")]: records(caa("issue", "letsencrypt.org"), caa("issuewild", ";")),
    [refused("only pki.goog", "dev.example.com", "letsencrypt.org among them", "dev.example.com")]: {
      ...below,
      "dns.records": [caa("issue", "pki.goog", "dev")],
    },
    [refused("only pki.goog", "*.dev.example.com", "letsencrypt.org among them", "dev.example.com")]: {
      ...guest,
      ...below,
      "dns.records": [caa("issuewild", "pki.goog", "dev")],
    },
    [unlisted("only letsencrypt.org")]: publicCa,
    [unlisted("no CA")]: { ...publicCa, ...records(caa("issue", ";")) },
  });
  accepts([
    { "dns.caa": [] },
    { "dns.caa": ["pki.goog", "letsencrypt.org"] },
    {
      "dns.caa": ["pki.goog"],
      "dns.records": [caa("issue", "letsencrypt.org"), caa("issuewild", "letsencrypt.org")],
    },
    records(caa("iodef", "mailto:admin@example.com")),
    {
      ...below,
      "dns.records": [caa("issue", "letsencrypt.org", "dev"), caa("issue", "pki.goog", "deep.dev")],
    },
    { ...guest, ...below },
    { ...publicCa, "dns.caa": [] },
    { ...publicCa, "dns.caa": ["letsencrypt.org", "pki.goog"] },
    { ...publicCa, ...guest },
    { ...privateCa, "dns.caa": ["letsencrypt.org"] },
  ]);
});

describe("a certificate for one host that CAA records forbid", () => {
  const own = (...hosts: string[]) => ({
    image: "x:1",
    port: 80,
    routes: hosts.map((host) => ({ host, certificate: "own" })),
  });
  const forbidden = (who: string, host: string, issuer = "letsencrypt-prod", at = host) =>
    `got own with certificates.issuer ${issuer}, but by the CAA records of ${at} ${who} may issue for ${host}; want `;
  const [shop, deep] = ["shop.example.com", "deep.shop.example.com"];
  rejectsUnder("apps.shop.routes.0.certificate", [
    [
      { ...guest, "apps.shop": own(shop), "dns.records": [caa("issue", "pki.goog", "shop")] },
      `: ${forbidden("only pki.goog", shop)}letsencrypt.org among them, or certificate: wildcard`,
    ],
  ]);
  rejectsUnder("apps.shop.routes.0.certificate", {
    [`: ${forbidden("only pki.goog", shop)}letsencrypt.org among them, or certificate: wildcard`]: {
      "apps.shop": own(shop),
      "dns.records": [caa("issue", "pki.goog", "shop")],
    },
    [`: ${forbidden("no CA", deep, "letsencrypt-prod", shop)}letsencrypt.org among them`]: {
      "apps.shop": own(deep, shop),
      "dns.proxied": false,
      "dns.records": [caa("issue", ";", "shop")],
    },
    [`: ${forbidden("only letsencrypt.org", shop, "acme")}the domain of its CA among them, or certificate: wildcard`]:
      {
        ...publicCa,
        "apps.shop": own(shop),
        "dns.caa": [],
        "dns.records": [caa("issue", "letsencrypt.org", "shop")],
      },
  });
  rejects([
    [
      {
        "apps.shop": own(shop),
        "apps.web": own("web.example.com"),
        "dns.records": ["shop", "web"].map((name) => caa("issue", "pki.goog", name)),
      },
      ...[shop, "web.example.com"].map(
        (host) =>
          `apps.${host.slice(0, -12)}.routes.0.certificate: ${forbidden("only pki.goog", host)}letsencrypt.org among them, ` +
          "or certificate: wildcard",
      ),
    ],
  ]);
  rejects({
    [`apps.shop.routes.1.certificate: ${forbidden("no CA", deep)}letsencrypt.org among them`]: {
      "apps.shop": own(shop, deep),
      "dns.proxied": false,
      "dns.records": [caa("issue", ";", "deep.shop")],
    },
    "certificates.issuer: got letsencrypt-prod, but by the CAA records of example.com only pki.goog may issue for example.com; want letsencrypt.org in dns.caa":
      { "apps.shop": own(shop), "dns.caa": ["pki.goog"] },
  });
  const forbids = [caa("issue", "pki.goog", "shop")];
  accepts([
    { "apps.shop": { ...own(), routes: [{ host: shop }] }, "dns.records": forbids },
    { "apps.shop": { ...own(), routes: [{ host: shop, certificate: "wildcard" }] }, "dns.records": forbids },
    { "apps.shop": own(shop), "dns.records": [...forbids, caa("issue", "letsencrypt.org", "shop")] },
    // Of one host nobody asks who may issue for the names below it.
    {
      "apps.shop": own(shop),
      "dns.records": [caa("issuewild", ";", "shop"), caa("issue", ";", "deep.shop")],
    },
    { ...privateCa, "apps.shop": own(shop), "dns.records": forbids },
  ]);
});
