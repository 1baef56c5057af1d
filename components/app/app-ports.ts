/** What is spoken on the first port: HTTP, gRPC, or something that is passed on unread. */
export type Protocol = "grpc" | "http" | "tcp";

/** The ports that an app declares. */
export interface PortArgs {
  /** The port the container listens on, 1 to 65535. Its name is its protocol. */
  readonly port: number;
  /** Default: `http`. */
  readonly protocol?: Protocol | undefined;
  /** Further ports, by name. */
  readonly ports?: Readonly<Record<string, number>> | undefined;
}

/** All of them by name, the first one first. */
export const toNamedPorts = ({
  port,
  protocol = "http",
  ports,
}: PortArgs): Readonly<Record<string, number>> => ({ [protocol]: port, ...ports });
