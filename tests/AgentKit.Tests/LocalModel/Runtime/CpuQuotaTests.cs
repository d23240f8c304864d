using AgentKit.Models;

namespace AgentKit.Tests.Models.Runtime;

public sealed class CpuQuotaTests : IDisposable
{
    private readonly DirectoryInfo _mount = Directory.CreateTempSubdirectory("agentkit-cgroup-");

    [Fact]
    public void UsableCpus_Here_IsBetweenOneAndTheProcessors() => Assert.InRange(CpuQuota.UsableCpus, 1, Environment.ProcessorCount);

    [Fact]
    public void Quota_CgroupV2_IsTheStrictestOnTheWayUp()
    {
        Write("cpu.max", "300000 100000\n");
        Write("slice/cpu.max", "150000 100000\n");
        Write("slice/job/cpu.max", "max 100000\n");
        Assert.Equal(1.5, Quota("0::/slice/job\n"));
    }

    [Fact]
    public void Quota_CgroupV1_ReadsQuotaAndPeriod()
    {
        Write("cpu/box/cpu.cfs_quota_us", "250000\n");
        Write("cpu/box/cpu.cfs_period_us", "100000\n");
        Assert.Equal(2.5, Quota("4:memory:/box\n3:cpuacct,cpu:/box\n"));
    }

    [Theory]
    [InlineData("cpu.max", "max 100000\n")]
    [InlineData("cpu.max", "garbage\n")]
    [InlineData("cpu.max", "")]
    public void Quota_NoLimit_IsNull(string file, string content)
    {
        Write(file, content);
        Assert.Null(Quota("0::/\n"));
    }

    public void Dispose() => _mount.Delete(recursive: true);

    private double? Quota(string membership)
    {
        string file = Path.Combine(_mount.FullName, "membership");
        File.WriteAllText(file, membership);
        return CpuQuota.Quota(_mount.FullName, file);
    }

    private void Write(string path, string content)
    {
        string file = Path.Combine(_mount.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }
}
