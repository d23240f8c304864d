using System.Net;
using Polly;
using Polly.Retry;

namespace AgentKit.Models.Hub;

/// <summary>Tries again what fails on the way: broken connections, busy servers. Waits as long as the server asks, else longer each time.</summary>
internal sealed class HubRetry
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    private readonly ResiliencePipeline _pipeline;

    /// <param name="options">How often.</param>
    /// <param name="time">The clock to wait by.</param>
    /// <param name="onWait">Told why and how long.</param>
    public HubRetry(HubOptions options, TimeProvider time, Action<string> onWait)
    {
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = arguments => ValueTask.FromResult(IsPassing(arguments.Outcome.Exception)),
            MaxRetryAttempts = Math.Max(1, options.Attempts - 1),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = TimeSpan.FromSeconds(0.5),
            MaxDelay = TimeSpan.FromSeconds(30),
            DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as HubBusyException)?.RetryAfter),
            OnRetry = arguments =>
            {
                onWait($"{arguments.Outcome.Exception!.Message}; trying again in {arguments.RetryDelay.TotalSeconds:0.#} s");
                return ValueTask.CompletedTask;
            },
        }).Build();
    }

    /// <summary>Whether a failure may be gone in a moment.</summary>
    public static bool IsPassing(Exception? failure) => failure is HttpRequestException or HubBusyException or IOException;

    public ValueTask<T> RunAsync<T>(Func<CancellationToken, ValueTask<T>> attempt, CancellationToken stop) => _pipeline.ExecuteAsync(attempt, stop);

    /// <summary>Throws if the server is busy or broken for the moment.</summary>
    /// <exception cref="HubBusyException">It is.</exception>
    /// <exception cref="HubException">It asks for more patience than is reasonable.</exception>
    public static void ThrowIfBusy(HubAnswer answer, TimeProvider time)
    {
        if (answer.Status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)) return;
        TimeSpan? wait = answer.Response.Headers.RetryAfter is { } after
            ? after.Delta ?? (after.Date is { } date ? date - time.GetUtcNow() : null)
            : null;
        string what = $"{answer.Address.Host} answers {(int)answer.Status}";
        if (wait > LongestWait) throw new HubException($"{what} and asks to wait {wait.Value.TotalMinutes:0} minutes. Run the same command again then.");
        throw new HubBusyException(what, wait > TimeSpan.Zero ? wait : null);
    }
}
