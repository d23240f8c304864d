using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using AgentKit.Kernel.Actors;

namespace AgentKit.Bench;

/// <summary>The actor runtime beside bare channels that do the same with as little as possible.</summary>
internal static class ActorBenchmark
{
    private const int Repetitions = 5;
    private const int PingPongs = 1_000_000;
    private const int Tells = 5_000_000;
    private const int Idle = 1_000_000;
    private const int Capacity = 1024;
    private const int Cycles = 2000;

    public static async Task RunAsync()
    {
        BenchReport.PrintHeader("what", "bare channels", "actors", "actors / channels");
        string pingPong = await CompareAsync("ping-pong, messages/s", 2.0 * PingPongs, ChannelPingPongAsync, ActorPingPongAsync);
        await CompareAsync("one-way tells, messages/s", Tells, ChannelTellsAsync, ActorTellsAsync);
        Console.WriteLine();
        BenchReport.PrintHeader("what", "actors");
        string skynet = Format(await MedianAsync(SkynetAsync));
        BenchReport.PrintRow("skynet, 1,000,000 leaves (1,111,111 actors), s", skynet);
        long bytes = await IdleBytesAsync();
        BenchReport.PrintRow("live bytes of an idle actor, its key included", bytes);
        foreach (int length in new[] { 2, 3 })
            BenchReport.PrintRow($"an ask cycle of {length} actors fails after, ms (median)", Format(await CycleMillisecondsAsync(length)));
        Console.WriteLine();
        PrintPublished(pingPong, skynet, bytes);
    }

    /// <summary>What other runtimes publish, on their machines and by their methods; not measured here.</summary>
    private static void PrintPublished(string pingPong, string skynet, long bytes)
    {
        BenchReport.PrintHeader("published by their authors, on other machines", "AgentKit, here", "Proto.Actor C#", "Akka.NET", "Orleans 7");
        BenchReport.PrintRow("messages/s in one process", pingPong, "125,000,000 [1]", "30,000,000 [1]", "4,500,000 [2]");
        BenchReport.PrintRow("skynet, 1,000,000 leaves, s", skynet, "0.8 [1]", "12 [1]", "none found");
        BenchReport.PrintRow("bytes of an actor", bytes, "about 1,000, allocated at the start [3]", "about 1,300 [4]", "none found");
        Console.WriteLine();
        Console.WriteLine("[1] proto.actor, documentation, Performance; many cores, messages in batches, the hardware is not named on the page read");
        Console.WriteLine("[2] devblogs.microsoft.com, What's new in Orleans 7.0: hosted client; 1,500,000 with Orleans 3");
        Console.WriteLine("[3] proto.actor, documentation, Performance, .NET OS: 1,000,000 starts allocate about 1 GB of queue segments");
        Console.WriteLine("[4] github.com/akkadotnet/akka.net issue 629, of 2015");
    }

    /// <summary>Asks around a ring of actors until the first would have to wait for itself.</summary>
    private static async Task<double> CycleMillisecondsAsync(int length)
    {
        await using var system = new ActorSystem();
        ActorId[] ring = [.. Enumerable.Range(0, length).Select(i => new ActorId($"ring{i}", "1"))];
        for (int i = 0; i < length; i++)
        {
            ActorId next = ring[(i + 1) % length];
            system.Register(ring[i].Kind, _ => new Forwarder(next));
        }

        var times = new List<double>();
        for (int i = 0; i < Cycles; i++)
        {
            long started = Stopwatch.GetTimestamp();
            if (!await system.AskAsync<bool>(ring[0], "go")) throw new InvalidOperationException("The cycle was not found.");
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return BenchReport.Median(times);
    }

    private static async Task<string> CompareAsync(string what, double messages, Func<Task> channels, Func<Task> actors)
    {
        // By turns, so that both meet the same machine.
        var (left, right) = (new List<double>(), new List<double>());
        for (int i = 0; i < Repetitions; i++)
        {
            left.Add(messages / await SecondsAsync(channels));
            right.Add(messages / await SecondsAsync(actors));
        }

        double bare = BenchReport.Median(left), ours = BenchReport.Median(right);
        BenchReport.PrintRow(what, Format(bare), Format(ours), Format(ours / bare));
        return Format(ours);
    }

    private static async Task<double> MedianAsync(Func<Task> work)
    {
        var times = new List<double>();
        for (int i = 0; i < Repetitions; i++) times.Add(await SecondsAsync(work));
        return BenchReport.Median(times);
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        GC.Collect();
        long started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task ChannelPingPongAsync()
    {
        var (there, back) = (Channel.CreateBounded<object>(Capacity), Channel.CreateBounded<object>(Capacity));
        object ball = new();
        Task pong = Task.Run(async () =>
        {
            await foreach (object message in there.Reader.ReadAllAsync()) await back.Writer.WriteAsync(message);
        });
        await Task.Run(async () =>
        {
            for (int i = 0; i < PingPongs; i++)
            {
                await there.Writer.WriteAsync(ball);
                await back.Reader.ReadAsync();
            }
        });
        there.Writer.Complete();
        await pong;
    }

    private static async Task ActorPingPongAsync()
    {
        await using var system = new ActorSystem();
        var done = new TaskCompletionSource();
        ActorId ping = new("ping", "1"), pong = new("pong", "1");
        int left = PingPongs;
        system.Register("pong", _ => new Lambda((message, context) => context.Tell(ping, message)));
        system.Register("ping", _ => new Lambda((message, context) =>
        {
            if (--left == 0) done.SetResult();
            else context.Tell(pong, message);
        }));
        system.Tell(pong, new object());
        await done.Task;
    }

    private static async Task ChannelTellsAsync()
    {
        var channel = Channel.CreateBounded<object>(new BoundedChannelOptions(Capacity) { SingleReader = true });
        object message = new();
        Task<int> reading = Task.Run(async () =>
        {
            int count = 0;
            await foreach (object _ in channel.Reader.ReadAllAsync()) count++;
            return count;
        });
        for (int i = 0; i < Tells; i++) await channel.Writer.WriteAsync(message);
        channel.Writer.Complete();
        if (await reading != Tells) throw new InvalidOperationException("A message was lost.");
    }

    private static async Task ActorTellsAsync()
    {
        await using var system = new ActorSystem();
        var done = new TaskCompletionSource();
        int count = 0;
        system.Register("sink", _ => new Lambda((_, _) =>
        {
            if (++count == Tells) done.SetResult();
        }));
        ActorId sink = new("sink", "1");
        object message = new();
        for (int i = 0; i < Tells; i++) await system.TellAsync(sink, message);
        await done.Task;
    }

    /// <summary>A tree of actors with ten children each; a million leaves tell their numbers, every inner actor the sum of its ten.</summary>
    private static async Task SkynetAsync()
    {
        await using var system = new ActorSystem();
        var sum = new TaskCompletionSource<long>();
        system.Register("node", _ => new Node(sum));
        system.Tell(new ActorId("node", "0/1000000"), new Grow(0, 1_000_000, null));
        if (await sum.Task != 499_999_500_000) throw new InvalidOperationException("A leaf was lost.");
    }

    private static async Task<long> IdleBytesAsync()
    {
        await using var system = new ActorSystem();
        using var handled = new CountdownEvent(Idle);
        system.Register("cell", _ => new Lambda((_, _) => handled.Signal()));
        system.Tell(new ActorId("cell", "warm"), "start");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < Idle - 1; i++) await system.TellAsync(new ActorId("cell", i.ToString(CultureInfo.InvariantCulture)), "start");
        handled.Wait();
        return (GC.GetTotalMemory(forceFullCollection: true) - before) / Idle;
    }

    private static string Format(double value) => value.ToString(value < 100 ? "0.00" : "#,##0", CultureInfo.InvariantCulture);

    private sealed class Lambda(Action<object, ActorContext> receive) : Actor
    {
        public override ValueTask ReceiveAsync(object message, ActorContext context)
        {
            receive(message, context);
            return default;
        }
    }

    /// <summary>Asks the next one; answers whether somebody saw the cycle.</summary>
    private sealed class Forwarder(ActorId next) : Actor
    {
        public override async ValueTask ReceiveAsync(object message, ActorContext context)
        {
            try
            {
                context.Reply(await context.AskAsync<bool>(next, message));
            }
            catch (AskCycleException)
            {
                context.Reply(true);
            }
        }
    }

    private sealed record Grow(long First, int Leaves, ActorId? Parent);

    private sealed class Node(TaskCompletionSource<long> result) : Actor
    {
        private ActorId? _parent;
        private long _sum;
        private int _missing;

        public override ValueTask ReceiveAsync(object message, ActorContext context)
        {
            if (message is Grow { Leaves: 1 } leaf)
            {
                context.Tell(leaf.Parent!.Value, leaf.First);
                context.Stop();
            }
            else if (message is Grow grow)
            {
                (_parent, _missing) = (grow.Parent, 10);
                int each = grow.Leaves / 10;
                for (int i = 0; i < 10; i++)
                {
                    long first = grow.First + (i * (long)each);
                    context.Tell(new ActorId("node", string.Create(CultureInfo.InvariantCulture, $"{first}/{each}")), new Grow(first, each, context.Self));
                }
            }
            else
            {
                _sum += (long)message;
                if (--_missing > 0) return default;
                context.Stop();
                if (_parent is { } parent) context.Tell(parent, _sum);
                else result.SetResult(_sum);
            }

            return default;
        }
    }
}
