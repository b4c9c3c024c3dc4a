import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';

/** One YAML file that comes with Earshot, parsed but not yet checked. */
export interface ShippedFile {
  file: string;
  value: unknown;
}

/** The folder that holds `config/`, seen from the sources as well as from the build. */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'config', 'topics.yaml'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('config/topics.yaml is missing: Earshot is not installed completely.');
    folder = parent;
  }
  return folder;
}

export function readShipped(path: string): ShippedFile {
  return { file: path, value: parse(readFileSync(join(packageRoot(), path), 'utf8')) };
}

/** A file that comes with Earshot, as its bytes; `undefined` where it is missing. */
export function readShippedBytes(path: string): Buffer | undefined {
  const file = join(packageRoot(), path);
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** All YAML files of one folder, by name. */
export function readShippedFolder(folder: string): ShippedFile[] {
  return readdirSync(join(packageRoot(), folder))
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => readShipped(`${folder}/${file}`));
}

/** All tables of one folder, tabs between their cells, by name. */
export function readShippedTables(folder: string): { name: string; rows: string[][] }[] {
  const path = join(packageRoot(), folder);
  const files = readdirSync(path).filter((file) => file.endsWith('.tsv'));
  return files.toSorted().map((file) => {
    const lines = readFileSync(join(path, file), 'utf8').trimEnd().split('\n');
    return { name: file.replace('.tsv', ''), rows: lines.map((line) => line.split('\t')) };
  });
}

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}
