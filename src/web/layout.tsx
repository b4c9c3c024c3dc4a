import { html } from 'hono/html';
import type { PropsWithChildren } from 'hono/jsx';

/** The frame of every page. No script, nothing from elsewhere. */
export function Layout({ title, children }: PropsWithChildren<{ title: string }>) {
  return html`<!doctype html>${(
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{title}</title>
          <link rel="icon" href="/icon.svg" type="image/svg+xml" />
          <link rel="stylesheet" href="/styles.css" />
        </head>
        <body>
          <a class="skip" href="#content">
            Skip to the journey
          </a>
          {children}
        </body>
      </html>
    )}`;
}

/** Three arcs before a dot: somebody within earshot. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#0f766e" stroke-width="3" stroke-linecap="round"><circle cx="7" cy="25" r="3" fill="#0f766e" stroke="none"/><path d="M7 16a9 9 0 0 1 9 9M7 9.5a15.5 15.5 0 0 1 15.5 15.5M7 3a22 22 0 0 1 22 22"/></svg>`;
