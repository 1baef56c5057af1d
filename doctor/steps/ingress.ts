import { matchesHost } from "../../components/ingress/route";
import { installations } from "../../components/ingress/controllers";
import type { Context } from "../context";
import { describeReference } from "../../components/waits/find-causes";
import { kubectlArgs } from "../declared-objects";
import type { Check } from "../diagnose";
import type { Finding } from "../finding";
import { kinds, type ObjectOf } from "../kinds";
import { describeObject } from "../live-cluster";
import { matchesIngressPath } from "../target";
import { checkWorkload } from "./pods";

type Ingress = ObjectOf<typeof kinds.ingress>;

/** Checks the controllers' pods, the IngressClasses, and which rule serves each route. */
export const checkIngress: Check = async (context) => {
  const { cluster, declared } = context;
  const controllers = declared.filter(
    ({ release, kind }) =>
      /^(Deployment|DaemonSet)$/.test(kind) &&
      installations.some(({ identity }) => identity.name === release?.name),
  );
  const [ingresses, classes, ...problems] = await Promise.all([
    cluster.list(kinds.ingress),
    cluster.list(kinds.ingressClass),
    ...controllers.map(async (each) => (await checkWorkload(context, each)).findings),
    ...declared
      .filter(({ kind, app }) => /^(Ingress|HTTPRoute|TCPRoute)$/.test(kind) && app !== undefined)
      .map((each) => checkStatus(context, each)),
  ]);
  const routes = findDeclaredRules(context, ingresses);
  const shadowed = routes.flatMap((route) => findShadows(route, ingresses));
  const names = controllers.map(({ name }) => name).join(", ");
  const served = routes.map(
    ({ host, path, ingress }) => `${host}${path} by Ingress ${ingress.metadata.name}`,
  );
  return {
    seen: [`controller ${names}`, ...(context.target.url ? served : [])],
    findings: [...problems.flat(), ...checkDefaultClasses(classes), ...dedupe(shadowed)],
  };
};

const dedupe = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(findings.map((finding) => [finding.object + finding.problem, finding])).values(),
];

/** What an Ingress or a route of Gateway API says of itself. */
async function checkStatus(
  { cluster }: Context,
  reference: Parameters<typeof kubectlArgs>[0],
): Promise<Finding[]> {
  if ((await cluster.get(reference)) === undefined) return [];
  return (await cluster.findCauses(reference))
    .filter(({ object }) => object === describeReference(reference))
    .map(({ object, reason }) => ({
      code: "ingress/not-accepted" as const,
      object,
      problem: `is not served by its controller: ${reason}`,
      fix: `kubectl describe ${kubectlArgs(reference)}`,
    }));
}

function checkDefaultClasses(classes: readonly ObjectOf<typeof kinds.ingressClass>[]): Finding[] {
  const annotation = "ingressclass.kubernetes.io/is-default-class";
  const own = installations.map(({ identity }) => identity.ingressClassName);
  const [other, ...rest] = classes
    .filter(({ metadata }) => metadata.annotations[annotation] === "true")
    .toSorted((a, b) => Number(own.includes(a.metadata.name)) - Number(own.includes(b.metadata.name)));
  if (other === undefined || rest.length === 0) return [];
  return [
    {
      code: "ingress/two-default-classes",
      object: `IngressClasses ${[other, ...rest].map(({ metadata }) => metadata.name).join(" and ")}`,
      problem: "are both the default: the API server refuses each new Ingress without a class",
      fix: `kubectl annotate ingressclass ${other.metadata.name} ${annotation}-`,
    },
  ];
}

/** A path of a host as a declared Ingress serves it. */
interface DeclaredRule {
  readonly host: string;
  /** The URL's path, or that of the rule if the target is no URL. */
  readonly path: string;
  readonly ingress: Ingress;
}

function findDeclaredRules({ declared, target }: Context, ingresses: readonly Ingress[]): DeclaredRule[] {
  const own = ingresses.filter(({ metadata }) =>
    declared.some(
      ({ kind, name, namespace, app }) =>
        app !== undefined && kind === "Ingress" && name === metadata.name && namespace === metadata.namespace,
    ),
  );
  return own.flatMap((ingress) =>
    ingress.spec.rules.flatMap(({ host, http }) =>
      http.paths
        .filter(
          (rule) =>
            target.url === undefined ||
            (matchesHost(host, target.url.host) && matchesIngressPath(rule, target.url.path)),
        )
        .map((rule) => ({ host: target.url?.host ?? host, path: target.url?.path ?? rule.path, ingress })),
    ),
  );
}

/** The rules of other Ingress objects that match the same host and path, and win or tie. */
function findShadows({ host, path, ingress }: DeclaredRule, all: readonly Ingress[]): Finding[] {
  const strength = (each: Ingress) =>
    Math.max(
      -1,
      ...each.spec.rules
        .filter((rule) => matchesHost(rule.host, host) || rule.host === "")
        .flatMap(({ http }) => http.paths)
        .filter((rule) => matchesIngressPath(rule, path))
        .map((rule) => (rule.pathType === "Exact" ? 10_000 : 0) + rule.path.length),
    );
  const isDeclared = (each: Ingress) => each.metadata.annotations["platform-networking/stack"] !== undefined;
  return all
    .filter((other) => !isDeclared(other) && other.spec.ingressClassName === ingress.spec.ingressClassName)
    .filter((other) => strength(other) >= Math.max(0, strength(ingress)))
    .map((other) => ({
      code: "ingress/shadowed" as const,
      object: describeObject("Ingress", ingress),
      problem: `does not serve https://${host}${path} alone: ${describeObject("Ingress", other)} has the same host and a path that wins or ties`,
      fix: `kubectl delete ingress -n ${other.metadata.namespace} ${other.metadata.name}`,
    }));
}
