import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import { AppError } from '../domain/errors.ts';

/** Names under which a server bound to loopback is asked. Any other name means that a web page was rebound to it. */
export const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** In bytes. */
export const MAX_BODY = 100_000;

/** Nothing from elsewhere, no script at all; forms and style from here only. */
export const contentSecurity: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
  // Only meaningful over TLS, which ends in front of us.
  strictTransportSecurity: false,
});

/**
 * Refuses requests that name another host, so that a foreign page whose name was pointed at this machine (DNS
 * rebinding) can read nothing. Ports do not matter.
 * @param allowed Host names without port; absent = every name.
 */
export function hostGuard(allowed: readonly string[] | undefined): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host') ?? new URL(c.req.url).host;
    if (allowed && !allowed.includes(host.replace(/:\d*$/, '').toLowerCase()))
      throw new AppError('HOST_REFUSED', `This server is not known as "${host.slice(0, 100)}".`, {
        fix: `Ask it as ${allowed[0] ?? 'nothing'}, or set HOST to an address that others may reach.`,
      });
    await next();
  };
}

/** @param maxSize In bytes. */
export function limitBody(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new AppError('BODY_INVALID', `The body is larger than ${maxSize} bytes.`, { fix: 'Send less at once.' });
    },
  });
}

const sizeLimit = limitBody(MAX_BODY);

/**
 * Bodies are JSON and small; pushes, which are signed, have a limit and a form of their own. The demanded media type
 * also makes a browser ask first, so that no foreign form or page can post here in a reader's name.
 */
export const bodyGuard: MiddlewareHandler = async (c, next) => {
  if (!['POST', 'PUT', 'PATCH'].includes(c.req.method) || c.req.path.startsWith('/v1/inbound/')) return next();
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new AppError('BODY_INVALID', `The body is said to be ${type ? `"${type.slice(0, 100)}"` : 'of no type'}.`, {
      fix: 'Send JSON with the header content-type: application/json.',
    });
  return sizeLimit(c, next);
};
