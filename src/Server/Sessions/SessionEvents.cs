using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentKit.Server.Sessions;

/// <summary>
/// What a session has sent, for clients that lost their connection in the middle. It belongs to the session and goes with it; of each stream
/// the last events are kept, and a client that asks for what is no longer there is told so.
/// </summary>
internal sealed class SessionEvents(string sessionId) : ISseEventStreamStore
{
    private const int KeptStreams = 16;
    private const int KeptEvents = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, EventStream> _streams = new(StringComparer.Ordinal);
    private readonly List<EventStream> _order = [];

    public ValueTask<ISseEventStreamWriter> CreateStreamAsync(SseEventStreamOptions options, CancellationToken cancellationToken = default)
    {
        var stream = new EventStream(sessionId, options.StreamId, options.Mode);
        lock (_gate)
        {
            _streams[options.StreamId] = stream;
            _order.Add(stream);
            if (_order.Count > KeptStreams) Forget(_order.Find(old => old.IsDone || old.IsStale));
        }

        return new(stream);
    }

    /// <summary>The oldest goes first, but none that is still written to.</summary>
    private void Forget(EventStream? old)
    {
        if (old is null) return;
        _order.Remove(old);
        if (_streams.GetValueOrDefault(old.Id) == old) _streams.Remove(old.Id);
    }

    public ValueTask<ISseEventStreamReader?> GetStreamReaderAsync(string lastEventId, CancellationToken cancellationToken = default)
    {
        int dash = lastEventId.LastIndexOf('-');
        if (dash < 0 || !long.TryParse(lastEventId.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number)) return new((ISseEventStreamReader?)null);
        lock (_gate)
        {
            return new(_streams.TryGetValue(lastEventId[..dash], out EventStream? stream) ? stream.ReaderAfter(number) : null);
        }
    }

    /// <summary>The events of one response.</summary>
    private sealed class EventStream(string sessionId, string id, SseEventStreamMode mode) : ISseEventStreamWriter
    {
        private readonly Lock _gate = new();
        private readonly Queue<(long Number, SseItem<JsonRpcMessage?> Item)> _events = new();
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private SseEventStreamMode _mode = mode;
        private long _last;

        public string Id => id;

        public bool IsDone { get; private set; }

        /// <summary>Whether it was left without an end and has nothing to give.</summary>
        public bool IsStale => _last == 0;

        public ValueTask SetModeAsync(SseEventStreamMode mode, CancellationToken cancellationToken = default)
        {
            lock (_gate) _mode = mode;
            Signal();
            return ValueTask.CompletedTask;
        }

        public ValueTask<SseItem<JsonRpcMessage?>> WriteEventAsync(SseItem<JsonRpcMessage?> sseItem, CancellationToken cancellationToken = default)
        {
            if (sseItem.EventId is not null) return new(sseItem);
            SseItem<JsonRpcMessage?> numbered;
            lock (_gate)
            {
                numbered = sseItem with { EventId = string.Create(CultureInfo.InvariantCulture, $"{id}-{++_last}") };
                _events.Enqueue((_last, numbered));
                if (_events.Count > KeptEvents) _events.Dequeue();
            }

            Signal();
            return new(numbered);
        }

        public ISseEventStreamReader? ReaderAfter(long number)
        {
            lock (_gate)
            {
                bool isGone = number > _last || (_events.TryPeek(out var first) && number < first.Number - 1);
                return isGone ? null : new Reader(this, number);
            }
        }

        public ValueTask DisposeAsync()
        {
            IsDone = true;
            Signal();
            return ValueTask.CompletedTask;
        }

        private void Signal()
        {
            TaskCompletionSource changed;
            lock (_gate) (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            changed.TrySetResult();
        }

        private sealed class Reader(EventStream stream, long after) : ISseEventStreamReader
        {
            private long _after = after;

            public string SessionId => stream.SessionIdOf;

            public string StreamId => stream.Id;

            public async IAsyncEnumerable<SseItem<JsonRpcMessage?>> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
            {
                for (;;)
                {
                    SseItem<JsonRpcMessage?>[] batch;
                    bool isEnd;
                    Task changed;
                    lock (stream._gate)
                    {
                        batch = [.. stream._events.Where(known => known.Number > _after).Select(known => known.Item)];
                        _after = stream._last;
                        isEnd = stream.IsDone || stream._mode is SseEventStreamMode.Polling;
                        changed = stream._changed.Task;
                    }

                    foreach (SseItem<JsonRpcMessage?> item in batch) yield return item;
                    if (isEnd) yield break;
                    await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }

        private string SessionIdOf => sessionId;
    }
}
