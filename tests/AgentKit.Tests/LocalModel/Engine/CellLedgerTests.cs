using AgentKit.Models.Engine;

namespace AgentKit.Tests.Models.Engine;

public sealed class CellLedgerTests
{
    [Fact]
    public void Share_CommonBeginning_CountsItsCellsOnce()
    {
        CellLedger ledger = new(100);
        List<int> first = [];
        List<int> second = [];
        ledger.Extend(first, 40);
        ledger.Share(first, 30, second);
        ledger.Extend(second, 5);
        Assert.Equal((45, 45), (ledger.Used, ledger.UsedByRunning));
        ledger.Keep(first);
        Assert.Equal((45, 35), (ledger.Used, ledger.UsedByRunning));
        Assert.Equal(10, ledger.NotRunning(first, 40));
        ledger.Drop(first);
        Assert.Equal((35, 35), (ledger.Used, ledger.UsedByRunning));
        ledger.Keep(second);
        ledger.Drop(second);
        Assert.Equal((0, 0), (ledger.Used, ledger.UsedByRunning));
    }

    [Fact]
    public void Operations_RandomOrder_AgreeWithCountingEveryHolder()
    {
        Random random = new(9);
        CellLedger ledger = new(500);
        List<List<int>> running = [];
        List<List<int>> kept = [];
        for (int step = 0; step < 5_000; step++)
        {
            switch (random.Next(5))
            {
                case 0 when ledger.Used < 450:
                    running.Add([]);
                    ledger.Extend(running[^1], random.Next(1, 40));
                    break;
                case 1 when running.Count > 0 && running.Count < 20:
                    List<int> source = running[random.Next(running.Count)];
                    running.Add([]);
                    ledger.Share(source, random.Next(source.Count + 1), running[^1]);
                    break;
                case 2 when running.Count > 0:
                    kept.Add(Take(running, random));
                    ledger.Keep(kept[^1]);
                    break;
                case 3 when kept.Count > 0:
                    running.Add(Take(kept, random));
                    ledger.Resume(running[^1], random.Next(running[^1].Count + 1));
                    break;
                case 4 when kept.Count > 0:
                    ledger.Drop(Take(kept, random));
                    break;
                default:
                    break;
            }

            Assert.Equal(running.SelectMany(cells => cells).Distinct().Count(), ledger.UsedByRunning);
            Assert.Equal(running.Concat(kept).SelectMany(cells => cells).Distinct().Count(), ledger.Used);
        }
    }

    private static List<int> Take(List<List<int>> from, Random random)
    {
        int index = random.Next(from.Count);
        List<int> taken = from[index];
        from.RemoveAt(index);
        return taken;
    }
}
