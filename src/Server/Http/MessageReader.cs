using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Http;

/// <summary>Reads the one message of a POST.</summary>
internal static class MessageReader
{
    private static readonly JsonDocumentOptions OncePerName = new() { AllowDuplicateProperties = false };

    /// <summary>Reads it, or answers why it cannot be read.</summary>
    /// <returns><c>null</c> when the request was answered.</returns>
    public static async Task<JsonRpcMessage?> ReadAsync(HttpContext context, int maxBytes)
    {
        if (context.Request.ContentLength > maxBytes)
        {
            await TooLongAsync(context, maxBytes).ConfigureAwait(false);
            return null;
        }

        var body = new ArrayBufferWriter<byte>((int)Math.Min(context.Request.ContentLength ?? 1024, maxBytes) + 1);
        for (;;)
        {
            int count = await context.Request.Body.ReadAsync(body.GetMemory(1024), context.RequestAborted).ConfigureAwait(false);
            if (count == 0) break;
            body.Advance(count);
            if (body.WrittenCount <= maxBytes) continue;
            await TooLongAsync(context, maxBytes).ConfigureAwait(false);
            return null;
        }

        return await ParseAsync(context, body.WrittenMemory).ConfigureAwait(false);
    }

    private static async Task<JsonRpcMessage?> ParseAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        (McpErrorCode Code, string Text) fault = (McpErrorCode.InvalidRequest, "the body is not one JSON-RPC 2.0 message");
        try
        {
            // A repeated name is refused here: further in, each part that looks at the message might take another of its values.
            using (JsonDocument.Parse(body, OncePerName))
            {
                if (JsonSerializer.Deserialize<JsonRpcMessage>(body.Span, McpJsonUtilities.DefaultOptions) is { } message) return message;
            }
        }
        catch (JsonException e) when (!IsJson(body))
        {
            fault = (McpErrorCode.ParseError, $"the body is not JSON: {e.Message}");
        }
        catch (JsonException e)
        {
            fault.Text = $"{fault.Text}: {e.Message}";
        }

        await JsonRpcReply.ErrorAsync(context, StatusCodes.Status400BadRequest, (int)fault.Code, fault.Text).ConfigureAwait(false);
        return null;
    }

    private static bool IsJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Task TooLongAsync(HttpContext context, int maxBytes)
    {
        // What is left of the body is not read: the connection cannot be used again.
        context.Response.Headers.Connection = "close";
        return JsonRpcReply.ErrorAsync(
            context, StatusCodes.Status413PayloadTooLarge, JsonRpcReply.Refused, $"a message may have at most {maxBytes} bytes");
    }
}
