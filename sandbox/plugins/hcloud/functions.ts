import type { Props } from "../stand-in";
import type { Client, Service, ShownLoadBalancer, Target } from "./client";

/** `hcloud:index/getLoadBalancers:getLoadBalancers`: all of them, or those that a selector matches. */
export async function getLoadBalancers(client: Client, args: Props): Promise<Props> {
  const { withSelector, ...unknown } = args;
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined)
    throw new Error(`getLoadBalancers: the stand-in does not know the argument ${stranger}`);
  const found = await client.loadBalancers(typeof withSelector === "string" ? withSelector : undefined);
  return { ...args, id: found.map(({ id }) => id).join("-"), loadBalancers: found.map(show) };
}

function show(lb: ShownLoadBalancer): Props {
  const [attachment] = lb.private_net;
  return {
    id: lb.id,
    name: lb.name,
    loadBalancerType: lb.load_balancer_type.name,
    location: lb.location.name,
    networkZone: lb.location.network_zone,
    algorithms: [lb.algorithm],
    labels: lb.labels,
    deleteProtection: lb.protection.delete,
    ipv4: lb.public_net.ipv4.ip,
    ipv6: lb.public_net.ipv6.ip,
    networkId: attachment?.network ?? 0,
    networkIp: attachment?.ip ?? "",
    services: lb.services.map(showService),
    targets: lb.targets.map(showTarget),
  };
}

/** What is an object in a resource is a list of one here, under the plural that the SDK makes of its name. */
function showService({ http, health_check, ...service }: Service): Props {
  const { http: checked, ...check } = health_check;
  return {
    protocol: service.protocol,
    listenPort: service.listen_port,
    destinationPort: service.destination_port,
    proxyprotocol: service.proxyprotocol,
    https:
      http === null
        ? []
        : [
            {
              certificates: http.certificates.map(String),
              cookieLifetime: http.cookie_lifetime,
              cookieName: http.cookie_name,
              redirectHttp: http.redirect_http,
              stickySessions: http.sticky_sessions,
              timeoutIdle: http.timeout_idle,
            },
          ],
    healthChecks: [{ ...check, https: checked === null ? [] : [showCheck(checked)] }],
  };
}

function showCheck({ status_codes, ...rest }: NonNullable<Service["health_check"]["http"]>): Props {
  return { ...rest, statusCodes: status_codes };
}

function showTarget(target: Target): Props {
  return {
    type: target.type,
    serverId: target.type === "server" ? target.server.id : 0,
    labelSelector: target.type === "label_selector" ? target.label_selector.selector : "",
  };
}
