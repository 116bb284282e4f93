/** Starts something on the port that is wanted, or on any other where that one is taken. */
export async function listenOnFreePort<Server>(
  wanted: number,
  start: (port: number) => Promise<Server>,
): Promise<Server> {
  try {
    return await start(wanted)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return start(0)
  }
}
