// The package's entry loads `cluster` and `crypto`, which edge runtimes lack; this one file of it needs nothing.
declare module 'rate-limiter-flexible/lib/RateLimiterMemory.js' {
  export { RateLimiterMemory as default } from 'rate-limiter-flexible'
}
