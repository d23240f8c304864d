using AgentKit.Models.Engine;

namespace AgentKit.Tests.Models.Engine;

public sealed class PrefillPacerTests
{
    [Fact]
    public void Limit_AfterMeasuredSteps_TakesAboutATenthOfASecond()
    {
        PrefillPacer pacer = new();
        Assert.Equal(64, pacer.Limit);
        for (int step = 0; step < 50; step++)
        {
            pacer.Record(500, TimeSpan.FromMilliseconds(250));
        }

        Assert.InRange(pacer.Limit, 195, 205);
    }

    [Fact]
    public void Limit_SlowMachine_StaysLargeEnoughToBeWorthReadingTheWeights()
    {
        PrefillPacer pacer = new();
        pacer.Record(64, TimeSpan.FromSeconds(10));
        Assert.Equal(64, pacer.Limit);
    }

    [Fact]
    public void Record_StepsWithoutPrompts_TellNothingAboutPrompts()
    {
        PrefillPacer pacer = new();
        pacer.Record(100, TimeSpan.FromMilliseconds(10));
        int before = pacer.Limit;
        pacer.Record(4, TimeSpan.FromMilliseconds(100));
        Assert.Equal(before, pacer.Limit);
    }
}
