using AgentKit.Models.Pruning;

namespace AgentKit.Tests.Models.Pruning;

public class PruneMaskTests
{
    [Fact]
    public void Score_SmallWeightOnALoudInput_CountsMoreThanALargeOneOnAQuietInput()
    {
        float[] row = [3, -0.5f, 2, 0], norms = [0.1f, 8, 1, 100], scores = new float[4];
        PruneMask.Score(row, norms, scores);
        Assert.Equal([0.3f, 4, 2, 0], scores, (a, b) => MathF.Abs(a - b) < 1e-6f);

        PruneMask.DropLowest(row, scores, 0.5, new float[4]);
        Assert.Equal([0, -0.5f, 2, 0], row);
    }

    [Fact]
    public void DropLowest_ShareThatIsNoWholeNumber_IsRoundedDown()
    {
        float[] row = [1, 2, 3, 4, 5];
        PruneMask.DropLowest(row, [1, 2, 3, 4, 5], 0.5, new float[5]);
        Assert.Equal([0, 0, 3, 4, 5], row);
    }

    [Fact]
    public void DropLowest_EqualScores_DropsTheFirstAndNoMoreThanItShould()
    {
        float[] row = [7, 7, 7, 7, 7, 7];
        PruneMask.DropLowest(row, [1, 1, 1, 1, 1, 0], 0.5, new float[6]);
        Assert.Equal([0, 0, 7, 7, 7, 0], row);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Smallest_RandomValuesWithRepeats_IsTheOneOfTheSortedList(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            float[] values = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => (float)random.Next(0, 12))];
            int place = random.Next(values.Length);
            Assert.Equal(values.Order().ElementAt(place), PruneMask.Smallest((float[])values.Clone(), place));
        }
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(4, 8)]
    [InlineData(3, 7)]
    [InlineData(1, 32)]
    public void KeepHighest_RandomRows_LeavesThePatternAndTheBestSum(int keep, int group)
    {
        var random = new Random((keep * 100) + group);
        float[] row = [.. Enumerable.Range(0, group * 50).Select(_ => 1f + random.Next(5))], scores = (float[])row.Clone();
        PruneMask.KeepHighest(row, scores, PrunePattern.Grouped(keep, group));
        for (int start = 0; start < row.Length; start += group)
        {
            float[] left = row[start..(start + group)];
            Assert.Equal(keep, left.Count(weight => weight != 0));
            Assert.Equal(scores[start..(start + group)].OrderDescending().Take(keep).Sum(), left.Sum());
        }
    }

    [Fact]
    public void KeepHighest_AllZero_StaysSo()
    {
        float[] row = new float[8];
        PruneMask.KeepHighest(row, new float[8], PrunePattern.Grouped(2, 4));
        Assert.All(row, weight => Assert.Equal(0, weight));
    }
}
