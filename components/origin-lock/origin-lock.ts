import * as cloudflare from "@pulumi/cloudflare";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { hook } from "../pulumi/hooks";
import { findController, type ControllerName } from "../ingress/controllers";
import { isSupported } from "../ingress/ingress-controller";
import { createClientCertificate, createOriginCa, type KeyPair } from "./origin-ca";
import { requireCaOverlap, waitBeforeEnable, waitAfterUpload } from "./origin-lock-hooks";
import type { OriginLockRefs } from "../ingress/route-manifests";

export interface OriginLockArgs {
  /** The zone's name, such as `example.com`. */
  readonly zone: string;
  /** Cloudflare's id of the zone, 32 hex digits. */
  readonly zoneId: pulumi.Input<string>;
  /** Who routes, and so what the lock is made of. */
  readonly controller: ControllerName;
  /** The namespace of the ingress controller, which must be there. */
  readonly ingressNamespace: pulumi.Input<string>;
  /** The namespace of the apps: only Traefik's Ingress objects name what is in another than their own. */
  readonly appNamespace: pulumi.Input<string>;
  /** Further namespaces of routes, for which others than Traefik's Ingress objects need a copy of it. Default none. */
  readonly otherNamespaces?: readonly string[] | undefined;
  /** Whether the ingress asks the edge for a client certificate. Not with `gateway`. */
  readonly clientCertificate: boolean;
  /**
   * Cloudflare's ranges, where connections from elsewhere are refused. Absence lets every address through. Not with
   * `nginx`, which knows of a connection no more than the client behind the edge.
   */
  readonly allowedCidrs?: pulumi.Input<string[]> | undefined;
  /** Counted up by one to rotate: the ingress trusts this CA and the one before it. From 1. */
  readonly generation: number;
  /** The CAs of the stack that owns the zone, PEM. Absence means that this stack owns it and makes its own. */
  readonly ca?: string | undefined;
}

/**
 * Nobody but Cloudflare reaches the proxied hosts: the edge shows a client certificate of a CA of our own, and the
 * ingress asks for it. Cloudflare's shared certificate would not do: every other customer's zone shows it too.
 *
 * Its order keeps the origin open to the edge at every moment. The ingress trusts a CA before the edge shows a
 * certificate of it, and asks for one only when Cloudflare says that the edge has it.
 *
 * @throws {pulumi.RunError} The controller cannot do what is asked; nothing is registered then.
 * @see https://developers.cloudflare.com/ssl/origin-configuration/authenticated-origin-pull/
 */
export class OriginLock extends pulumi.ComponentResource {
  /** For the rules of proxied hosts. */
  readonly refs: OriginLockRefs;
  /** For those of the further namespaces, by these. */
  readonly refsByNamespace: Readonly<Record<string, OriginLockRefs>>;
  /** The CAs that the ingress trusts, PEM, for the other stacks of the zone; empty without a client certificate. */
  readonly ca: pulumi.Output<string>;

  constructor(name: string, args: OriginLockArgs, opts?: pulumi.ComponentResourceOptions) {
    const { zone, zoneId, controller, ingressNamespace, appNamespace, allowedCidrs, generation } = args;
    const { otherNamespaces = [] } = args;
    const support = findController(controller).routes.originLock;
    const { clientCertificate, allowList } = support;
    const namespace = support.namespace === "controller" ? ingressNamespace : appNamespace;
    const metadata = { name, namespace };
    const copies = support.namespace === "controller" ? [] : otherNamespaces;
    assertSupported(name, args);
    super("platform:networking:OriginLock", name, {}, opts);

    // The ingress comes after the namespaces of the platform, and so do those that are routed.
    const afterIngress = (its: pulumi.Input<string>) => after(its, ingressNamespace);
    let trusted = pulumi.output(args.ca ?? "");
    let mtlsResources: readonly pulumi.Resource[] = [];
    if (args.clientCertificate) {
      const cas = args.ca === undefined ? createGenerations(name, zone, generation, this) : [];
      if (cas.length > 0)
        trusted = pulumi.all(cas.map((ca) => ca.certificate.certPem)).apply((all) => all.join(""));
      const hooks = { beforeUpdate: [hook(`${name}-keeps-one-ca`, requireCaOverlap)] };
      const createCaSecret = (key: string, its: pulumi.Input<string>) =>
        new kubernetes.core.v1.Secret(
          key,
          { metadata: { name: `${name}-ca`, namespace: its }, stringData: { "ca.crt": trusted } },
          { parent: this, hooks },
        );
      const secrets = [
        createCaSecret(`${name}-ca`, namespace),
        ...copies.map((each) => createCaSecret(`${name}-ca-${each}`, afterIngress(each))),
      ];
      const current = cas.at(-1);
      const caReady = current
        ? [enableOriginPulls(name, { zone, zoneId, generation }, current, this, secrets)]
        : secrets;
      mtlsResources =
        isSupported(clientCertificate) && clientCertificate.create
          ? [clientCertificate.create(name, metadata, `${name}-ca`, { parent: this, dependsOn: caReady })]
          : caReady;
    }
    const createRefs = (key: string, its: pulumi.Input<string>): OriginLockRefs => {
      const reference = (
        feature: typeof clientCertificate | typeof allowList,
        resources: readonly pulumi.Resource[],
      ) =>
        isSupported(feature) && resources.length > 0
          ? after(its, ...resources.map(({ urn }) => urn)).apply((known) => feature.reference(known, name))
          : undefined;
      // The allow-list's CRD comes with the controller, in whichever namespace it is.
      const listMetadata = { name, namespace: afterIngress(its) };
      const lists =
        allowedCidrs !== undefined && isSupported(allowList)
          ? [allowList.create(key, listMetadata, allowedCidrs, { parent: this })]
          : [];
      const [certificateRef, listRef] = [
        reference(clientCertificate, mtlsResources),
        reference(allowList, lists),
      ];
      return {
        ...(certificateRef && { clientCertificate: certificateRef }),
        ...(listRef && { allowList: listRef }),
      };
    };
    this.refs = createRefs(name, namespace);
    this.refsByNamespace = Object.fromEntries(
      copies.map((each) => [each, createRefs(`${name}-${each}`, each)]),
    );
    this.ca = trusted;
    this.registerOutputs({ ca: this.ca });
  }
}

/** A text that is known when the others are. */
const after = (
  text: pulumi.Input<string>,
  ...others: readonly pulumi.Input<string>[]
): pulumi.Output<string> => pulumi.all([text, ...others]).apply(([known = ""]) => known);

/** @throws {pulumi.RunError} The controller does not support a half of the lock. */
function assertSupported(name: string, { controller, ...args }: OriginLockArgs): void {
  const { clientCertificate, allowList } = findController(controller).routes.originLock;
  const unsupported = {
    clientCertificate: args.clientCertificate && !isSupported(clientCertificate),
    allowedCidrs: args.allowedCidrs !== undefined && !isSupported(allowList),
  };
  for (const [arg, isUnsupported] of Object.entries(unsupported))
    if (isUnsupported)
      throw new pulumi.RunError(`OriginLock "${name}": ${arg} is not supported by controller ${controller}`);
}

/** The CA of this generation, last, and the one before it, which the edge may still be showing. */
function createGenerations(
  name: string,
  zone: string,
  generation: number,
  parent: pulumi.Resource,
): KeyPair[] {
  return [generation - 1, generation]
    .filter((each) => each > 0)
    .map((each) =>
      createOriginCa(`${name}-ca-${each}`, `Origin lock of ${zone}, generation ${each}`, parent),
    );
}

/** Gives the edge a certificate of this CA, and has it shown to every origin of the zone. */
function enableOriginPulls(
  name: string,
  { zone, zoneId, generation }: Pick<OriginLockArgs, "zone" | "zoneId" | "generation">,
  ca: KeyPair,
  parent: pulumi.Resource,
  trusted: pulumi.Resource[],
): pulumi.Resource {
  const client = createClientCertificate(
    `${name}-client-${generation}`,
    `Cloudflare's edge for ${zone}`,
    ca,
    parent,
  );
  const certificate = new cloudflare.AuthenticatedOriginPullsCertificate(
    name,
    { zoneId, certificate: client.certificate.certPem, privateKey: client.key.privateKeyPem },
    // A new one is uploaded and waited for before the old one goes.
    {
      parent,
      dependsOn: trusted,
      hooks: { afterCreate: [hook(`${name}-uploaded`, waitAfterUpload(parent))] },
    },
  );
  return new cloudflare.AuthenticatedOriginPullsSettings(
    `${name}-settings`,
    { zoneId, enabled: true },
    // Looked at again: a first `up` may have ended while it was waiting.
    {
      parent,
      dependsOn: certificate,
      hooks: { beforeCreate: [hook(`${name}-shown`, waitBeforeEnable(certificate, parent))] },
    },
  );
}
