using System.Threading.Channels;
using AgentKit.Models.Engine;

namespace AgentKit.Tests.Models.Engine;

public sealed class WaitingQueueTests
{
    [Fact]
    public void Take_OneQueueWithManyRequests_OthersComeInBetween()
    {
        WaitingQueue queue = new();
        foreach (string request in (string[])["a1", "a2", "a3", "a4", "b1", "c1", "b2"])
        {
            queue.Add(new Request(request));
        }

        List<string> order = [];
        while (queue.Take(_ => Admission.Admitted) is Request next)
        {
            order.Add(next.Name);
        }

        Assert.Equal(["a1", "b1", "c1", "a2", "b2", "a3", "a4"], order);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Take_NoRoomForTheNext_StopsUntilThereIs()
    {
        WaitingQueue queue = new();
        queue.Add(new Request("large"));
        queue.Add(new Request("tiny"));
        Assert.Null(queue.Take(request => ((Request)request).Name == "large" ? Admission.NoRoom : Admission.Admitted));
        Assert.Equal("large", ((Request)queue.Take(_ => Admission.Admitted)!).Name);
    }

    [Fact]
    public void Take_BeginningIsBeingComputed_LetsOthersPass()
    {
        WaitingQueue queue = new();
        queue.Add(new Request("same"));
        queue.Add(new Request("other"));
        Assert.Equal("other", ((Request)queue.Take(request => ((Request)request).Name == "same" ? Admission.WaitForBeginning : Admission.Admitted)!).Name);
        Assert.Null(queue.Take(_ => Admission.WaitForBeginning));
        Assert.Equal(1, queue.Count);
    }

    [Fact]
    public void Take_CancelledRequest_ComesWithoutRoom()
    {
        WaitingQueue queue = new();
        Request cancelled = new("a");
        queue.Add(cancelled);
        cancelled.Cancel();
        Assert.Same(cancelled, queue.Take(_ => Admission.NoRoom));
    }

    /// <summary>Its queue is its first letter.</summary>
    private sealed class Request(string name) : Sequence([1], AdapterSet.None, name[..1], Channel.CreateUnbounded<GenerationUpdate>().Writer)
    {
        public string Name => name;

        public override bool IsGenerating => false;

        public override ReadOnlySpan<int> Shareable => [];

        public override int Reservation => 1;

        public override int AddTo(TokenBatch batch, int most) => 0;

        public override void Sample(EngineContext context)
        {
        }

        public override void Publish()
        {
        }
    }
}
