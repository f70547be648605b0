export { PROXY } from '../service/proxy-events.ts'
