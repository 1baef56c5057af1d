interface Warned {
  readonly ingress: { readonly controller: string };
  readonly cilium: { readonly version: string };
  readonly apps: readonly {
    readonly name: string;
    readonly routes?:
      readonly { readonly host: string; readonly rateLimit?: object | undefined }[] | undefined;
    readonly egress?: readonly object[] | undefined;
  }[];
}

/** What the settings ask for that works less well than it reads; each is a sentence for the user. */
export function warningsOf({ ingress, cilium, apps }: Warned): string[] {
  const limited = apps.flatMap(({ name, routes = [] }) =>
    routes.filter(({ rateLimit }) => rateLimit !== undefined).map(({ host }) => `${host} (${name})`),
  );
  const byName = apps.filter(({ egress = [] }) => egress.some((one) => "host" in one));
  const names = byName.map(({ name }) => name).join(", ");
  return [
    ...(ingress.controller === "nginx" && limited.length > 0
      ? [
          `rateLimit of ${limited.join(", ")}: ingress-nginx counts each IPv6 address as a client of its own, and one ` +
            "client has 2^64 of them; with ingress.controller traefik or gateway a /64 is one client.",
        ]
      : []),
    ...(byName.length > 0 && /^1\.18\.[0-3]$/.test(cilium.version)
      ? [
          `cilium.version: ${cilium.version} drops connections to names that egress allows (1.18.0 to 1.18.3 do), here of ` +
            `${names}; want a later patch of 1.18 (https://github.com/cilium/cilium/issues/42594).`,
        ]
      : []),
  ];
}
