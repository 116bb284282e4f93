import { createServer } from 'node:http'

// The floor that no server in Node is under: it reads the body to its end and answers.
const server = createServer((request, response) => {
  request.on('data', () => {})
  request.on('end', () => response.writeHead(202, { 'content-length': '0' }).end())
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.on('SIGTERM', () => process.exit(0))
