/** Something to be told to whoever runs Earshot. Fields hold no secrets, no texts of customers and no authors. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type Log = (level: LogLevel, message: string, fields?: Record<string, unknown>) => void;
