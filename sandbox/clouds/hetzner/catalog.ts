/** A type of load balancer and its limits. */
export interface LoadBalancerType {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly max_connections: number;
  readonly max_services: number;
  readonly max_targets: number;
  readonly max_assigned_certificates: number;
  readonly deprecated: null;
  readonly prices: readonly [];
}

/** A place to run things in. Places of one zone share networks. */
export interface Location {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly country: string;
  readonly city: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly network_zone: string;
}

const type = (
  id: number,
  name: string,
  connections: number,
  services: number,
  targets: number,
  certificates: number,
) =>
  ({
    id,
    name,
    description: name.toUpperCase(),
    max_connections: connections,
    max_services: services,
    max_targets: targets,
    max_assigned_certificates: certificates,
    deprecated: null,
    prices: [],
  }) as const;

/** @see https://docs.hetzner.com/cloud/load-balancers/overview */
export const LOAD_BALANCER_TYPES: readonly LoadBalancerType[] = [
  type(1, "lb11", 10_000, 5, 25, 10),
  type(2, "lb21", 20_000, 15, 75, 25),
  type(3, "lb31", 40_000, 30, 150, 50),
];

const place = (
  id: number,
  name: string,
  city: string,
  country: string,
  zone: string,
  at: [number, number],
) => ({
  id,
  name,
  description: city,
  country,
  city,
  latitude: at[0],
  longitude: at[1],
  network_zone: zone,
});

/** @see https://docs.hetzner.com/cloud/general/locations */
export const LOCATIONS: readonly Location[] = [
  place(1, "fsn1", "Falkenstein", "DE", "eu-central", [50.48, 12.37]),
  place(2, "nbg1", "Nuremberg", "DE", "eu-central", [49.45, 11.08]),
  place(3, "hel1", "Helsinki", "FI", "eu-central", [60.17, 24.94]),
  place(4, "ash", "Ashburn, VA", "US", "us-east", [39.05, -77.49]),
  place(5, "hil", "Hillsboro, OR", "US", "us-west", [45.54, -122.94]),
  place(6, "sin", "Singapore", "SG", "ap-southeast", [1.35, 103.82]),
];

/** The one with this name or id. */
export function byNameOrId<T extends { readonly id: number; readonly name: string }>(
  list: readonly T[],
  key: string | number,
): T | undefined {
  return list.find(({ id, name }) => name === key || String(id) === String(key));
}
