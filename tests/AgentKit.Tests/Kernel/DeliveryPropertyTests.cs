using System.Collections.Concurrent;
using AgentKit.Kernel.Actors;

namespace AgentKit.Tests.Kernel;

/// <summary>
/// Random load with small mailboxes, failing, stopping and suspending actors: nothing that was sent is lost or handled twice.
/// </summary>
public class DeliveryPropertyTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Messages_UnderRandomFailures_AreHandledOrDeadLetteredExactlyOnce(int seed)
    {
        var handled = new ConcurrentBag<int>();
        var dead = new ConcurrentBag<int>();
        var sent = new ConcurrentBag<int>();
        int unanswered = 0;
        await using (var system = new ActorSystem(new ActorSystemOptions { OnDeadLetter = letter => dead.Add((int)letter.Message) }))
        {
            var options = new ActorKindOptions { MailboxCapacity = 3, MaxRestarts = seed % 4, FirstBackoff = TimeSpan.FromTicks(1) };
            system.Register("worker", _ => new ActorHarness.LambdaActor((message, context) => HandleAsync((int)message, context)), options);
            await Task.WhenAll(Enumerable.Range(0, 6).Select(sender => Task.Run(() => SendAsync(system, sender))));
        }

        async ValueTask HandleAsync(int message, ActorContext context)
        {
            if (message % 7 == 0) await Task.Yield();
            if (message % 31 == 0) throw new FormatException();
            if (message % 53 == 0) context.Stop();
            handled.Add(message);
            context.Reply(message);
        }

        async Task SendAsync(ActorSystem system, int sender)
        {
            var random = new Random(seed * 100 + sender);
            for (int i = 0; i < 400; i++)
            {
                int message = sender * 1000 + i + 1;
                var to = new ActorId("worker", random.Next(4).ToString());
                try
                {
                    switch (random.Next(3))
                    {
                        case 0: system.Tell(to, message); break;
                        case 1: await system.TellAsync(to, message); break;
                        default: Assert.Equal(message, await system.AskAsync<int>(to, message)); break;
                    }

                    sent.Add(message);
                }
                catch (MailboxFullException)
                {
                    continue;
                }
                catch (FormatException)
                {
                    // The asker has been told; such a message is neither handled nor a dead letter.
                    Interlocked.Increment(ref unanswered);
                }
                catch (ActorStoppedException)
                {
                    sent.Add(message);
                }

                if (random.Next(50) == 0) await system.StopAsync(to);
            }
        }

        Assert.Equal(sent.Order(), handled.Concat(dead).Order());
        Assert.NotEmpty(handled);
        Assert.NotEmpty(dead);
        Assert.True(unanswered > 0);
    }
}
