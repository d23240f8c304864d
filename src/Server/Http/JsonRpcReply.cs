using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Http;

/// <summary>Answers of the host itself, as JSON-RPC errors.</summary>
internal static class JsonRpcReply
{
    /// <summary>Not of the specification, but what clients know: the session is gone, begin a new one.</summary>
    public const int SessionNotFound = -32001;

    /// <summary>Not of the specification: the server refuses before it looks at the message.</summary>
    public const int Refused = -32000;

    /// <summary>Writes an error.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The JSON-RPC code.</param>
    /// <param name="message">What is wrong and what is allowed.</param>
    /// <param name="id">The message's id, where it is known.</param>
    /// <param name="data">More for programs.</param>
    public static Task ErrorAsync(HttpContext context, int status, int code, string message, RequestId? id = null, JsonObject? data = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (data is not null) error["data"] = data;
        var reply = new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["id"] = id is { } known ? JsonSerializer.SerializeToNode(known, McpJsonUtilities.DefaultOptions) : null,
            ["error"] = error,
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(reply.ToJsonString(), context.RequestAborted);
    }
}
