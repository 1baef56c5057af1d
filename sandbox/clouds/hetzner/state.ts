import type { Store } from "../store";

/** Labels of a resource, key to value. */
export type Labels = Record<string, string>;

/** A health check as the API shows it. Times in seconds. */
export interface HealthCheck {
  protocol: "tcp" | "http";
  port: number;
  interval: number;
  timeout: number;
  retries: number;
  http: HealthCheckHttp | null;
}

export interface HealthCheckHttp {
  domain: string;
  path: string;
  response: string;
  status_codes: string[];
  tls: boolean;
}

export interface ServiceHttp {
  cookie_name: string;
  /** Seconds. */
  cookie_lifetime: number;
  certificates: never[];
  redirect_http: false;
  sticky_sessions: boolean;
  /** Seconds. */
  timeout_idle: number;
}

/** A service of a load balancer as the API shows it. */
export interface Service {
  protocol: "tcp" | "http";
  listen_port: number;
  destination_port: number;
  proxyprotocol: boolean;
  http: ServiceHttp | null;
  health_check: HealthCheck;
}

export type TargetIdentity =
  | { type: "server"; server: { id: number } }
  | { type: "label_selector"; label_selector: { selector: string } }
  | { type: "ip"; ip: { ip: string } };

export type Target = TargetIdentity & { use_private_ip: boolean };

/** An address in a network. */
export interface Attachment {
  network: number;
  ip: string;
}

export interface PublicAddress {
  ip: string;
  /** Null without a reverse DNS entry. */
  dns_ptr: string | null;
}

/** A load balancer as stored; load-balancers.ts adds what the API shows beside. */
export interface LoadBalancer {
  id: number;
  name: string;
  /** Name of the type, such as `lb11`. */
  type: string;
  /** Name of the location, such as `fsn1`. */
  location: string;
  algorithm: { type: "round_robin" | "least_connections" };
  labels: Labels;
  created: string;
  protection: { delete: boolean };
  public_net: { enabled: true; ipv4: PublicAddress; ipv6: PublicAddress };
  private_net: Attachment[];
  services: Service[];
  targets: Target[];
}

export interface Subnet {
  type: "cloud";
  ip_range: string;
  network_zone: string;
  gateway: string;
}

export interface Network {
  id: number;
  name: string;
  ip_range: string;
  subnets: Subnet[];
  created: string;
}

/** A server of the account. The sandbox knows seeded ones only. */
export interface Server {
  id: number;
  name: string;
  labels: Labels;
  created: string;
  private_net: Attachment[];
  /** The IDs of its firewalls. Default: none. */
  firewalls?: number[];
}

/** The Hetzner section of the store. Ids are never used twice. */
export interface Account {
  nextId: number;
  nextAction: number;
  tokens: string[];
  /** Addresses outside the cloud that the account owns, such as dedicated servers: allowed as `ip` targets. */
  robotIps: string[];
  networks: Network[];
  servers: Server[];
  /** The ports at which servers answer, by their id, as their clusters report them. */
  openPorts?: Record<string, number[]>;
  loadBalancers: LoadBalancer[];
}

/** The account in the store, empty at first. */
export function account(store: Store): Account {
  return store.section<Account>("hetzner", () => ({
    nextId: 1_000_001,
    nextAction: 1,
    tokens: [],
    robotIps: [],
    networks: [],
    servers: [],
    loadBalancers: [],
  }));
}

/** An action on a load balancer: finished at once and successful, so that no client polls it. */
export function newAction(on: Account, command: string, loadBalancer: number): object {
  const time = now();
  return {
    id: on.nextAction++,
    command,
    status: "success",
    progress: 100,
    started: time,
    finished: time,
    resources: [{ id: loadBalancer, type: "load_balancer" }],
    error: null,
  };
}

/** The present time as RFC 3339, which the client insists on. */
export function now(): string {
  return new Date().toISOString();
}
