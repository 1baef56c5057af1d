/**
 * The types of load balancers and their limits.
 *
 * @see https://docs.hetzner.com/cloud/load-balancers/overview
 */
const LOAD_BALANCER_TYPES = (
  [
    [1, "lb11", 10_000, 5, 25, 10],
    [2, "lb21", 20_000, 15, 75, 25],
    [3, "lb31", 40_000, 30, 150, 50],
  ] as const
).map(([id, name, max_connections, max_services, max_targets, max_assigned_certificates]) => ({
  id,
  name,
  description: name.toUpperCase(),
  max_connections,
  max_services,
  max_targets,
  max_assigned_certificates,
  deprecated: null,
  prices: [],
}));

/**
 * The locations. Those of one network zone share networks.
 *
 * @see https://docs.hetzner.com/cloud/general/locations
 */
export const LOCATIONS = (
  [
    [1, "fsn1", "Falkenstein", "eu-central"],
    [2, "nbg1", "Nuremberg", "eu-central"],
    [3, "hel1", "Helsinki", "eu-central"],
    [4, "ash", "Ashburn, VA", "us-east"],
    [5, "hil", "Hillsboro, OR", "us-west"],
    [6, "sin", "Singapore", "ap-southeast"],
  ] as const
).map(([id, name, city, network_zone]) => ({ id, name, description: city, city, network_zone }));

/** The type of this name. */
export const findType = (name: string) => LOAD_BALANCER_TYPES.find((type) => type.name === name);
