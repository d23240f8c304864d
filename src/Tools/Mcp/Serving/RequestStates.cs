using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelContextProtocol;

namespace AgentKit.Tools.Mcp.Serving;

/// <summary>
/// What a request leaves with the client until it is retried. The client is not trusted with it: it is signed, bound to user, method, target
/// and arguments, expires, and is taken back once.
/// </summary>
internal sealed class RequestStates(byte[] key, TimeProvider time)
{
    /// <summary>How long a person may take to answer.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private readonly ConcurrentDictionary<string, long> _used = new();
    private long _swept;

    /// <summary>Seals data for the client to send back.</summary>
    /// <param name="owner">User, method, target and arguments of the request.</param>
    /// <param name="data">What is to be remembered.</param>
    public string Seal(string owner, JsonElement? data)
    {
        var box = new SealedState(owner, (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds(), RandomNumberGenerator.GetHexString(16, true), data);
        string body = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(box, ServingJson.Default.SealedState));
        return $"{body}.{Sign(body)}";
    }

    /// <summary>Opens what a client sent back.</summary>
    /// <exception cref="McpProtocolException">It was not sealed here for this request, or has expired, or was used before.</exception>
    public JsonElement? Open(string sealedState, string owner)
    {
        SealedState box = Verify(sealedState);
        if (box.Owner != owner) throw Fault("it belongs to another request");
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        if (box.Expires < now) throw Fault("it has expired");
        Sweep(now);
        return _used.TryAdd(box.Nonce, box.Expires) ? box.Data : throw Fault("it was used before");
    }

    private SealedState Verify(string sealedState)
    {
        int dot = sealedState.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0) throw Fault("it was not made by this server");
        string body = sealedState[..dot];
        // The text is signed, not what it decodes to: several texts may decode to the same.
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(body)), Encoding.UTF8.GetBytes(sealedState[(dot + 1)..]))
            ? JsonSerializer.Deserialize(Base64Url.DecodeFromChars(body), ServingJson.Default.SealedState)!
            : throw Fault("it was not made by this server");
    }

    private string Sign(string body) => Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(body)));

    /// <summary>Forgets what has expired, at most once a minute.</summary>
    private void Sweep(long now)
    {
        long last = Interlocked.Read(ref _swept);
        if (now - last < 60 || Interlocked.CompareExchange(ref _swept, now, last) != last) return;
        foreach ((string nonce, long expires) in _used)
        {
            if (expires < now) _used.TryRemove(nonce, out _);
        }
    }

    private static McpProtocolException Fault(string why) => new($"requestState is refused: {why}", McpErrorCode.InvalidParams);
}
