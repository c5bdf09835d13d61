import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import Wire

/// What happens to every request, in this order: id and log line around all, then route, announced length, caller, scope,
/// idempotency key, handler, conditions, and whatever was thrown becomes a problem. No answer goes out without the security headers.
///
/// It is one function and not a chain of middlewares so that the order can be read here, and because each link of a
/// chain costs an allocation and a suspension on the way of every request.
struct Pipeline: Sendable {
    private let routes: RouteTree
    private let authentication: Authentication
    /// Nil where keys mean nothing.
    let idempotency: Idempotency?
    private let logger: Logger
    private let date = DateHeader()
    private let ids = RequestIDs()
    private let meter: RequestMeter

    init(
        table: [Route], verifier: any TokenVerifier, idempotency: Idempotency? = nil, logger: Logger,
        meters: Meters = Meters()
    ) {
        routes = RouteTree(table)
        authentication = Authentication(verifier: verifier)
        self.idempotency = idempotency
        self.logger = logger
        meter = meters.requests
    }

    /// Answers one request. `peer` is who is at the other end of a Unix socket, nil on TCP.
    ///
    /// Throws only what means that there is nobody left to answer, or that the message was no HTTP (the server then
    /// sends its bare 400 and closes).
    func respond(to request: APIRequest, on channel: any Channel, peer: PeerCredentials?) async throws -> Response {
        let start = ContinuousClock.now
        let id = ids.next()
        var caller = Caller.anyone
        var path: String?
        var response: Response
        do {
            response = try await answer(request, channel, peer, id, &caller, &path)
        } catch let error as HTTPParserError {
            throw error
        } catch let error as ChannelError {
            throw error
        } catch let error as IOError {
            throw error
        } catch  where !channel.isActive {
            // Whoever hung up in the middle of a body is told nothing, and it is no fault of ours.
            logger.info("the caller hung up", metadata: ["path": .string(request.uri.path), "id": .string(id)])
            throw error
        } catch {
            response = Response.problem(problem(of: error, id: id))
        }
        if request.method == .head { response = response.createHeadResponse() }
        response.headers[.date] = date.value
        response.headers[.requestID] = id
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "frame-ancestors 'none'"
        }
        let duration = ContinuousClock.now - start
        meter.record(request.method.rawValue, route: path, status: response.status.code, took: duration)
        log(request, response.status, caller, channel, id, took: duration)
        return response
    }

    private func answer(
        _ request: APIRequest, _ channel: any Channel, _ peer: PeerCredentials?, _ id: String,
        _ caller: inout Caller, _ path: inout String?
    ) async throws -> Response {
        let (route, parameters) = try find(request)
        path = route.path
        // Of every route, those too that do not read the body they are sent (start and stop).
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > route.bodyLimit {
            throw Problem.tooLarge(route.bodyLimit)
        }
        if case .scopes(let needed) = route.access {
            caller = try await authentication.caller(request.method, headers: request.headers, peer: peer)
            guard caller.scopes.allow(needed) else { throw Authentication.forbidden(needed) }
        }
        let context = APIContext(
            request: request, route: route, caller: caller, requestID: id, channel: channel, parameters: parameters,
            logger: logger)
        let response = try await handle(context)
        return context.conditions.isKnown(response, to: request.method) ? .notModified(response) : response
    }

    private func find(_ request: APIRequest) throws(Problem) -> (Route, [String]) {
        switch routes.match(request.method, request.uri.path) {
        case .route(let route, let parameters): return (route, parameters)
        case .otherMethods(let allowed):
            throw Problem(
                .methodNotAllowed, "\(request.method.rawValue) is not possible here; \(allowed) is.",
                headers: [.allow: allowed])
        case .nothing: throw Problem(.notFound, "There is nothing at this path.")
        }
    }

    private func problem(of error: any Error, id: String) -> Problem {
        if let known = error as? any ProblemConvertible {
            let problem = known.problem
            // What is our fault or the host's is told in full here; the answer says what the caller can act on.
            if problem.code.status.code >= 500, !(error is Problem) {
                logger.warning("request failed", metadata: ["id": .string(id), "error": .string("\(error)")])
            }
            return problem
        }
        logger.error("request failed", metadata: ["id": .string(id), "error": .string(String(reflecting: error))])
        return Problem(.internalError, "The request could not be carried out. The log has the reason under \(id).")
    }

    /// One line a request. The path is as it was sent; whatever is in it, it can't break the line (``JournalLog``). The
    /// query is left out, for a caller may have put a secret there.
    private func log(
        _ request: APIRequest, _ status: HTTPResponse.Status, _ caller: Caller, _ channel: any Channel, _ id: String,
        took duration: Duration
    ) {
        let level: Logger.Level = status.code >= 500 ? .warning : .info
        guard logger.logLevel <= level else { return }
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        logger.log(
            level: level, "request",
            metadata: [
                "method": .string(request.method.rawValue), "path": .string(request.uri.path),
                "status": .stringConvertible(status.code), "us": .stringConvertible(microseconds),
                "caller": .string(caller.name), "from": .string(APIContext.origin(of: channel)), "id": .string(id),
            ])
    }
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("X-Request-Id")!
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
