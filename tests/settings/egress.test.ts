import { rejects, rejectsUnder, accepts } from "./configurations";

const to = (...egress: object[]) => ({ "apps.admin.egress": egress });
const external = { port: 443, service: { type: "ExternalName", externalName: "api.stripe.com" } };

const hostWanted = "want a host name in lower case, such as api.example.com";
const rangeWanted =
  "want a range that begins with its first address, such as 203.0.113.0/24 or 2001:db8::/32";

const linkLocalRefused =
  "want a range without link-local addresses (169.254.0.0/16, fe80::/10), which the server itself answers, with its " +
  "metadata; for pods that need the metadata service, cilium.metadata.allow";

const smtp = { host: "smtp.example.org", ports: [25, 2525], opaque: true };
const own = { image: "ghcr.io/org/mail:v1.0.0", port: 2525, protocol: "tcp" };

/** An app that calls `relay`, and reaches port 2525 of a server outside that speaks first. */
const besides = (relay: object, admin: object = { "apps.admin.egress": [smtp] }) => ({
  "apps.relay": relay,
  "apps.admin.calls": ["user-service", "relay"],
  ...admin,
});
const denied = (callee: string) =>
  `apps.admin.calls.${callee}, which is also a port outside of the cluster whose server speaks first: such a port bypasses ` +
  "Linkerd's proxy, without which the call is denied; want another port of one of the two";

describe("egress to servers that speak first", () => {
  rejects({
    "apps.admin.egress.0.opaque: cannot be combined with protocol: UDP, which no proxy carries; want none":
      to({
        ...smtp,
        protocol: "UDP",
      }),
    "apps.old.egress.0.opaque: cannot be combined with existing: true; want none, and the annotation config.linkerd.io/skip-outbound-ports on its pods":
      { "apps.old": { existing: true, egress: [smtp] } },
    [denied("1: got relay with port 2525")]: besides(own),
  });
  rejects([
    [besides({ ...own, port: 26, servicePort: 25 }), denied("1: got relay with port 25")],
    [besides({ existing: true, port: 26, ports: { smtp: 2525 } }), denied("1: got relay with port 2525")],
    [
      besides(own, {
        "apps.smtp": { ...external, port: 2525, protocol: "tcp" },
        "apps.admin.calls": ["smtp", "relay"],
      }),
      denied("1: got relay with port 2525"),
    ],
  ]);
  accepts([
    to(smtp),
    besides({ ...own, port: 26 }),
    besides({ ...own, meshed: false }),
    besides(own, { "apps.admin.egress": [smtp], "apps.admin.meshed": false }),
    besides(own, { "apps.admin.egress": [{ ...smtp, opaque: undefined }] }),
  ]);
});

describe("invalid egress", () => {
  rejectsUnder("apps.admin.egress.0", [
    ...["stripe", "*.com", "a_b.example.org"].map(
      (host) => [to({ host, ports: [443] }), `host: got "${host}", ${hostWanted}`] as const,
    ),
  ]);
  rejectsUnder("apps.admin.egress.0", {
    "ports: got [], want at least one": to({ host: "api.stripe.com", ports: [] }),
    ': got {"ports":[443]}, want exactly one of host and cidr': to({ ports: [443] }),
    ': got {"host":"a.example.org","cidr":"203.0.113.0/24","ports":[443]}, want exactly one of host and cidr':
      to({ host: "a.example.org", cidr: "203.0.113.0/24", ports: [443] }),
    'host: got "api.production.svc.cluster.local", want a name outside of the cluster; for an app in it, use calls':
      to({ host: "api.production.svc.cluster.local", ports: [443] }),
    [`cidr: got "203.0.113.1/24", ${rangeWanted}`]: to({ cidr: "203.0.113.1/24", ports: [443] }),
    ...Object.fromEntries(
      [
        ...["169.254.169.254/32", "169.254.0.0/16", "169.254.7.0/24", "128.0.0.0/1"],
        ...["fe80::/10", "fe80::1/128", "febf:ff00::/24", "fe00::/8", "8000::/1"],
      ].map((cidr) => [`cidr: got "${cidr}", ${linkLocalRefused}`, to({ cidr, ports: [80] })]),
    ),
    "cidr: got 10.44.1.0/24, which contains the cluster's own pods, 10.44.0.0/16; want calls for an app, and here a range outside of the cluster":
      {
        "cilium.ipam": "cluster-pool",
        "cilium.pool": ["10.44.0.0/16"],
        ...to({ cidr: "10.44.1.0/24", ports: [5432] }),
      },
  });
  rejects([
    ...(
      [
        ["10.42.0.0/16", "pods, 10.42.0.0/16"],
        ["10.42.7.0/24", "pods, 10.42.0.0/16"],
        ["10.43.0.1/32", "Services, 10.43.0.0/16"],
        ["10.0.0.0/8", "pods, 10.42.0.0/16"],
      ] as const
    ).map(
      ([cidr, what]) =>
        [
          to({ host: "a.example.org", ports: [443] }, { cidr, ports: [5432] }),
          `apps.admin.egress.1.cidr: got ${cidr}, which contains the cluster's own ${what}; ` +
            "want calls for an app, and here a range outside of the cluster",
        ] as const,
    ),
  ]);
  rejects({
    "apps.payments.egress: cannot be combined with service.type ExternalName: it has no pods, it is a DNS name for a host elsewhere":
      { "apps.payments": { ...external, egress: [{ host: "a.example.org", ports: [443] }] } },
    "apps.payments.service.externalName: got db.other.svc.cluster.local, which is in the cluster, where FQDN policies do not match; want a name outside of it, or existing: true for an existing Service":
      {
        "apps.payments": {
          port: 443,
          service: { type: "ExternalName", externalName: "db.other.svc.cluster.local" },
        },
      },
  });
  accepts([
    to(),
    to({ host: "*.example.org", ports: [443, 8443] }, { host: "api.stripe.com", ports: [1, 65535] }),
    to({ host: "müller.example.com", ports: [443] }),
    to({ host: "time.example.org", ports: [123], protocol: "UDP" }),
    // Beside the pods and the Services, a range of the nodes' network, and everything there is outside.
    ...[
      "10.41.0.0/16",
      "10.44.0.0/16",
      "10.0.0.0/24",
      "0.0.0.0/0",
      "::/0",
      "2001:db8::/32",
      "fec0::/10",
      "fc00::/7",
    ].map((cidr) => to({ cidr, ports: [5432] })),
    { "apps.payments": external, "apps.admin.calls": ["payments"] },
    { "apps.admin.calls": ["admin"] },
  ]);
});
