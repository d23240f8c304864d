using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace AgentKit.Server.Http;

/// <summary>How much clients may ask: all together at the same time, and each in a second.</summary>
internal sealed class RequestLimits(McpHttpOptions options) : IDisposable
{
    private readonly ConcurrencyLimiter _requests = Concurrency(options.MaxConcurrentRequests);
    private readonly ConcurrencyLimiter _streams = Concurrency(options.MaxStreams);

    private readonly PartitionedRateLimiter<string> _rates = PartitionedRateLimiter.Create<string, string>(client => RateLimitPartition.GetTokenBucketLimiter(
        client,
        _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.MaxRequestsPerSecond * 2,
            TokensPerPeriod = Math.Max(1, options.MaxRequestsPerSecond / 10),
            ReplenishmentPeriod = options.MaxRequestsPerSecond < 10 ? TimeSpan.FromSeconds(1d / options.MaxRequestsPerSecond) : TimeSpan.FromMilliseconds(100),
            QueueLimit = 0,
        }));

    /// <summary>Takes a place among the requests in work.</summary>
    /// <returns>To be given back; <c>null</c> when there is no room now, and the answer says so.</returns>
    public async Task<IDisposable?> EnterAsync(HttpContext context, string? user)
    {
        using RateLimitLease rate = _rates.AttemptAcquire(user ?? context.Connection.RemoteIpAddress?.ToString() ?? "");
        if (!rate.IsAcquired)
        {
            int seconds = rate.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, seconds, "this client asks too often").ConfigureAwait(false);
            return null;
        }

        return await TakeAsync(context, _requests, "too many requests are in work").ConfigureAwait(false);
    }

    /// <summary>Takes a place among the open streams.</summary>
    /// <inheritdoc cref="EnterAsync" path="/returns"/>
    public Task<IDisposable?> OpenStreamAsync(HttpContext context) => TakeAsync(context, _streams, "too many streams are open");

    public void Dispose()
    {
        _rates.Dispose();
        _requests.Dispose();
        _streams.Dispose();
    }

    private static async Task<IDisposable?> TakeAsync(HttpContext context, ConcurrencyLimiter limiter, string why)
    {
        RateLimitLease lease = limiter.AttemptAcquire();
        if (lease.IsAcquired) return lease;
        lease.Dispose();
        await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, 1, why).ConfigureAwait(false);
        return null;
    }

    private static Task RefuseAsync(HttpContext context, int status, int seconds, string why)
    {
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return JsonRpcReply.ErrorAsync(context, status, JsonRpcReply.Refused, $"{why}; try again in {seconds} s");
    }

    private static ConcurrencyLimiter Concurrency(int permits) => new(new ConcurrencyLimiterOptions { PermitLimit = permits, QueueLimit = 0 });
}
