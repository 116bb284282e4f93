export const apiKey: string
export const page: string
export const tokenSecret: string
export const createSite: (
  apiUrl: string,
  silentUrl: string,
) => (request: Request, address: string | undefined) => Promise<Response>
