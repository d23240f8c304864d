using System.Collections.Concurrent;
using AgentKit.Kernel.Actors;

namespace AgentKit.Tests.Kernel;

/// <summary>
/// Random load with small mailboxes, failing, stopping and suspending actors: nothing that was sent is lost or handled twice.
/// </summary>
public class DeliveryPropertyTests
{
    private readonly ConcurrentBag<int> _handled = [];
    private readonly ConcurrentBag<int> _dead = [];
    private readonly ConcurrentBag<int> _sent = [];
    private int _failedAsks;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Messages_UnderRandomFailures_AreHandledOrDeadLetteredExactlyOnce(int seed)
    {
        await using (var system = new ActorSystem(new ActorSystemOptions { OnDeadLetter = letter => _dead.Add((int)letter.Message) }))
        {
            var options = new ActorKindOptions { MailboxCapacity = 3, MaxRestarts = seed % 4, FirstBackoff = TimeSpan.FromTicks(1) };
            system.Register("worker", _ => new ActorHarness.LambdaActor(HandleAsync), options);
            await Task.WhenAll(Enumerable.Range(0, 6).Select(sender => Task.Run(() => SendAsync(system, sender, seed))));
        }

        Assert.Equal(_sent.Order(), _handled.Concat(_dead).Order());
        Assert.NotEmpty(_handled);
        Assert.NotEmpty(_dead);
        Assert.True(_failedAsks > 0);
    }

    private async ValueTask HandleAsync(object message, ActorContext context)
    {
        int number = (int)message;
        if (number % 7 == 0) await Task.Yield();
        if (number % 31 == 0) throw new FormatException();
        if (number % 53 == 0) context.Stop();
        _handled.Add(number);
        context.Reply(number);
    }

    private async Task SendAsync(ActorSystem system, int sender, int seed)
    {
        var random = new Random((seed * 100) + sender);
        for (int number = (sender * 1000) + 1; number <= (sender * 1000) + 400; number++)
        {
            var to = new ActorId("worker", random.Next(4).ToString());
            try
            {
                switch (random.Next(3))
                {
                    case 0: system.Tell(to, number); break;
                    case 1: await system.TellAsync(to, number); break;
                    default: Assert.Equal(number, await system.AskAsync<int>(to, number)); break;
                }

                _sent.Add(number);
            }
            catch (MailboxFullException)
            {
                continue;
            }
            catch (FormatException)
            {
                // The asker has been told; such a message is neither handled nor a dead letter.
                Interlocked.Increment(ref _failedAsks);
            }
            catch (ActorStoppedException)
            {
                _sent.Add(number);
            }

            if (random.Next(50) == 0) await system.StopAsync(to);
        }
    }
}
