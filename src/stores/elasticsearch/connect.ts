import { Client, Transport } from '@elastic/elasticsearch';
import { AppError } from '../../domain/errors.ts';

export interface ElasticsearchOptions {
  /** `http://` or `https://`, also several nodes parted by commas; a name and a password may stand in it. */
  url: string;
  /** As Elasticsearch gives it out, encoded. Goes before name and password. */
  apiKey?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
  /** SHA-256 fingerprint of the certificate authority, for a cluster that signed its own. */
  caFingerprint?: string | undefined;
  /** The authority's certificate itself, PEM. */
  ca?: string | undefined;
  /** Of one request, in milliseconds. Default 30,000; the client itself would wait for ever. */
  requestTimeoutMs?: number | undefined;
}

/**
 * A client for Elasticsearch 8.19 or newer. Opens nothing yet: the first request connects. It goes to another node
 * twice where one does not answer; writes that must not be repeated unseen ask for no such retries.
 *
 * @throws AppError `CONFIG_INVALID` for an address that is none.
 */
export function connectElasticsearch(options: ElasticsearchOptions): Client {
  const nodes = options.url.split(',').map((address) => readAddress(address.trim()));
  const auth = authOf(options, nodes[0]!);
  const { caFingerprint, ca } = options;
  return new Client({
    nodes: nodes.map(withoutCredentials),
    Transport: PlainTransport,
    requestTimeout: options.requestTimeoutMs ?? 30_000,
    maxRetries: 2,
    ...(auth && { auth }),
    ...(caFingerprint !== undefined && { caFingerprint, tls: { rejectUnauthorized: false } }),
    ...(ca !== undefined && { tls: { ca } }),
  });
}

/** Between two nodes; the client would wait for seconds, and whoever asks should hear soon that nobody answers. */
const RETRY_SECONDS = 0.1;

/**
 * Asks for plain JSON. The client would ask for "compatible with 9", which a server of version 8 refuses; what is sent
 * and read here is the same in both.
 */
class PlainTransport extends Transport {
  constructor(options: ConstructorParameters<typeof Transport>[0]) {
    super({
      ...options,
      vendoredHeaders: {
        jsonContentType: 'application/json',
        ndjsonContentType: 'application/x-ndjson',
        accept: 'application/json',
      },
      retryBackoff: () => RETRY_SECONDS,
    });
  }
}

function readAddress(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new AppError('CONFIG_INVALID', 'The address of Elasticsearch is no http or https address.', {
    fix: 'Write ELASTICSEARCH_URL like http://localhost:9200.',
  });
}

function withoutCredentials(url: URL): string {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href;
}

function authOf(
  { apiKey, username, password }: ElasticsearchOptions,
  url: URL,
): { apiKey: string } | { username: string; password: string } | undefined {
  if (apiKey) return { apiKey };
  const name = username ?? decodeURIComponent(url.username);
  return name === '' ? undefined : { username: name, password: password ?? decodeURIComponent(url.password) };
}
