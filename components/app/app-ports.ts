/** The protocol of a port: HTTP, gRPC, opaque TCP, or UDP, which the mesh does not carry. */
export type Protocol = "grpc" | "http" | "tcp" | "udp";

/** A further port: its number, for a protocol that callers detect, or its number and protocol. */
export type FurtherPort = number | { readonly port: number; readonly protocol: Protocol };

/**
 * TLS between the ingress controller and an app: verified by a CA and the name in the certificate, or not at all. The CA is
 * in the app's namespace, at the key `ca.crt`.
 */
export interface BackendTls {
  /** The name that the app's certificate must have. The controller also sends it as SNI. */
  readonly serverName?: string | undefined;
  /** The name of the Secret with the CA. Default: it is in `caConfigMap`. */
  readonly caSecret?: string | undefined;
  /** The name of the ConfigMap with the CA. Default: it is in `caSecret`. */
  readonly caConfigMap?: string | undefined;
  /** Accepts any certificate. */
  readonly insecureSkipVerify?: true | undefined;
}

/** An app's container ports. */
export interface PortArgs {
  /** The first port, 1 to 65535, which is named after its protocol. Default: none, the app only calls. */
  readonly port?: number | undefined;
  /** Default: `http`. */
  readonly protocol?: Protocol | undefined;
  /** The TLS of the first port. Default: none. */
  readonly tls?: BackendTls | undefined;
  /** Further ports, by name. */
  readonly ports?: Readonly<Record<string, FurtherPort>> | undefined;
}

/** A port of an app, with its name. */
export interface NamedPort {
  readonly name: string;
  readonly number: number;
  /** Undefined for a TCP port whose protocol callers detect. */
  readonly protocol: Protocol | undefined;
  readonly transport: "TCP" | "UDP";
}

/** All ports, beginning with the first port. */
export const listPorts = ({ port, protocol = "http", ports = {} }: PortArgs): NamedPort[] =>
  [
    ...(port === undefined ? [] : [[protocol, { port, protocol }] as const]),
    ...Object.entries(ports).map(
      ([name, each]) =>
        [name, typeof each === "number" ? { port: each, protocol: undefined } : each] as const,
    ),
  ].map(([name, its]) => ({
    name,
    number: its.port,
    protocol: its.protocol,
    transport: its.protocol === "udp" ? "UDP" : "TCP",
  }));

/** Finds a TCP port by its number or name. Default: the first port. */
export const findTcpPort = (app: PortArgs, port: number | string | undefined = app.port) =>
  listPorts(app).find(
    ({ name, number, transport }) => transport === "TCP" && (name === port || number === port),
  );
