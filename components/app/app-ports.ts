/** The protocol of the first port: HTTP, gRPC, or opaque TCP. */
export type Protocol = "grpc" | "http" | "tcp";

/** An app's container ports. */
export interface PortArgs {
  /** The first port, 1 to 65535, which is named after its protocol. Default: none, the app only calls. */
  readonly port?: number | undefined;
  /** Default: `http`. */
  readonly protocol?: Protocol | undefined;
  /** Further ports, by name. */
  readonly ports?: Readonly<Record<string, number>> | undefined;
}

/** All ports by name, beginning with the first port. */
export const toNamedPorts = ({
  port,
  protocol = "http",
  ports,
}: PortArgs): Readonly<Record<string, number>> => ({
  ...(port !== undefined && { [protocol]: port }),
  ...ports,
});
